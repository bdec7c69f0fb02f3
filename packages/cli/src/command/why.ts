import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { analyzeInputs } from '../input/analyze-inputs.ts'
import type { InputSummary } from '../input/read-input.ts'
import { WatchedExecution } from '../input/watched-execution.ts'
import { analysisOptions, analyzerOptionsFrom } from '../option/analysis-settings.ts'
import { unknownFailure } from '../option/choice.ts'
import { HELP, JSON_OUTPUT, NO_COLOR } from '../option/option.ts'
import { lastOf, type Parsed, usageFailure } from '../option/parse-options.ts'
import { answerLines } from '../render/answer.ts'
import { outputLayout, print, printJson, type Terminal } from '../terminal.ts'
import { visible } from '../text/visible.ts'
import { analyzerSource } from './analyzer-source.ts'
import type { AnswerSource, Explanation } from './answer-source.ts'
import { DEFAULT_COLLECTOR_URL } from './collector-client.ts'
import { collectorSource } from './collector-source.ts'
import type { Command } from './command.ts'
import { inputExitCode } from './input-exit-code.ts'
import { summaryOf } from './register.ts'
import { reportProblems } from './report-problems.ts'
import { SVG_OPTION, writeSvg } from './svg-file.ts'

const TRACE_ID = /^[0-9a-f]{16,32}$/i
const TRACE_ADVICE =
  'For a trace without flows: qflow-otel analyze FILE… --critical-path --trace ID'
/** Finished executions kept in full per flow; for older ones the spans are kept aside, without history. */
const KEPT_EXECUTIONS = 1_000

/** `qflow-otel why`: one execution or flow in words. */
export const why: Command = {
  definition: {
    ...summaryOf('why'),
    paragraphs: [
      'Explains an execution with its critical path, or a flow. Without files it asks a running collector; with files it reads them as analyze does. An id that is both is taken as an execution.',
    ],
    options: [
      {
        name: 'url',
        value: 'URL',
        sentence: 'The collector to ask.',
        default: DEFAULT_COLLECTOR_URL,
        variable: 'QFLOW_OTEL_URL',
      },
      {
        name: 'flow',
        value: 'FILE',
        isRepeatable: true,
        sentence: 'Flow definition (JSON); with files only.',
      },
      SVG_OPTION,
      ...analysisOptions,
      JSON_OUTPUT,
      NO_COLOR,
      HELP,
    ],
  },

  async run(parsed, terminal) {
    const [id, ...files] = parsed.positionals
    if (id === undefined || id === '') throw usageFailure('why', 'no execution or flow given')
    const { source, inputs } = await openSource(parsed, { id, files, terminal })
    const explanation = await source.explain(id)
    if (explanation === undefined) {
      reportProblems(inputs, terminal)
      throw await unknownId(id, source, inputs)
    }
    draw(explanation, parsed)
    show(explanation, parsed, terminal)
    reportProblems(inputs, terminal)
    return inputs.length === 0 ? EXIT.ok : inputExitCode(inputs)
  },
}

async function openSource(
  parsed: Parsed,
  { id, files, terminal }: { id: string; files: readonly string[]; terminal: Terminal },
): Promise<{ source: AnswerSource; inputs: readonly InputSummary[] }> {
  const url = lastOf(parsed, 'url')
  if (files.length === 0) {
    const fromEnv = terminal.env['QFLOW_OTEL_URL'] || DEFAULT_COLLECTOR_URL
    return { source: collectorSource(url ?? fromEnv), inputs: [] }
  }
  if (url !== undefined) throw usageFailure('why', '--url and files exclude each other')
  const options = analyzerOptionsFrom(parsed, terminal.env)
  const watched = new WatchedExecution(id)
  const { analyzer, inputs } = await analyzeInputs({
    files: [...new Set(files)],
    flowFiles: parsed.values.get('flow') ?? [],
    options: { ...options, keptExecutionsPerFlow: KEPT_EXECUTIONS },
    terminal,
    watch: (spans) => watched.take(spans),
  })
  return { source: analyzerSource(analyzer, () => watched.analyzer()), inputs }
}

function draw({ answer, execution }: Explanation, parsed: Parsed): void {
  if (!parsed.values.has('svg')) return
  if (execution !== undefined) {
    writeSvg(parsed, execution)
    return
  }
  const what = answer.about === 'flow' ? 'is a flow' : 'is no longer known in full'
  const message = `--svg draws one execution, and "${visible(answer.id)}" ${what}`
  throw new Failure({ code: EXIT.usage, message })
}

function show({ answer, execution }: Explanation, parsed: Parsed, terminal: Terminal): void {
  if (parsed.values.has('json')) {
    printJson(terminal, { kind: 'explanation', answer, execution })
    return
  }
  const lines = answerLines(answer, execution, outputLayout(terminal))
  print(terminal, lines, parsed.values.has('no-color'))
}

async function unknownId(
  id: string,
  source: AnswerSource,
  inputs: readonly InputSummary[],
): Promise<Failure> {
  const code = inputExitCode(inputs)
  if (inputs.length > 0 && code === EXIT.noInput) {
    return new Failure({ code, message: 'nothing in the input could be used' })
  }
  return unknownFailure(
    `no execution or flow "${visible(id)}" is known${source.place}`,
    id,
    await source.knownIds(),
    inputs.length > 0 && TRACE_ID.test(id) ? [TRACE_ADVICE] : [],
  )
}
