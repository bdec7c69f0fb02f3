import { jaegerFile, speedscopeFile } from '@qflow-otel/analyzer'
import { EXIT } from '../exit-code.ts'
import { KeptSpans, type KeptTraces, MAX_KEPT_SPANS } from '../input/kept-spans.ts'
import { readInputs } from '../input/read-inputs.ts'
import { CHOICE_OPTIONS, choiceOf, KnownIds } from '../option/choice.ts'
import { HELP, NO_COLOR } from '../option/option.ts'
import { lastOf, type Parsed, usageFailure } from '../option/parse-options.ts'
import { writeOutputFile } from '../output-file.ts'
import type { Terminal } from '../terminal.ts'
import { count, counted } from '../text/quantity.ts'
import { visible } from '../text/visible.ts'
import { packageVersion } from '../version.ts'
import type { Command } from './command.ts'
import { inputExitCode } from './input-exit-code.ts'
import { summaryOf } from './register.ts'
import { complainInWords, reportProblems } from './report-problems.ts'

const FORMATS = ['speedscope', 'jaeger'] as const
type Format = (typeof FORMATS)[number]

/** `qflow-otel export`: traces as files of other tools. */
export const exportTraces: Command = {
  definition: {
    ...summaryOf('export'),
    paragraphs: [
      'speedscope: a profile for each critical path, one for its spans, and one for each lane of spans that overlap their siblings or outlive their parents; open it at https://www.speedscope.app or with npx speedscope FILE.',
      'jaeger: the JSON that Jaeger’s page opens (Search, JSON File), spans on the critical path tagged. Times are whole µs there, lists and maps become JSON text; qflow-otel reads the file back.',
      `Reads what analyze reads; at most ${count(MAX_KEPT_SPANS)} spans go into one file, further traces are left out and counted.`,
    ],
    options: [
      {
        name: 'format',
        value: 'FORMAT',
        sentence: 'speedscope or jaeger.',
      },
      {
        name: 'output',
        short: 'o',
        value: 'FILE',
        sentence: 'Write to this file instead of the standard output.',
      },
      ...CHOICE_OPTIONS,
      NO_COLOR,
      HELP,
    ],
  },

  async run(parsed, terminal) {
    const files = [...new Set(parsed.positionals)]
    if (files.length === 0) throw usageFailure('export', 'no file given; - is the standard input')
    const format = formatOf(parsed)
    const choice = choiceOf('export', parsed)
    const kept = new KeptSpans(choice)
    const inputs = await readInputs({ files, terminal, take: ({ spans }) => kept.take(spans) })
    const code = inputExitCode(inputs)
    reportProblems(inputs, terminal)
    if (code === EXIT.noInput) return code
    const traces = kept.traces()
    if (choice !== undefined && traces.executions.length === 0) {
      const known = new KnownIds(choice.kind)
      for (const execution of kept.known()) known.add(execution)
      throw known.failure(choice)
    }
    write(asFile(format, traces, terminal), parsed, terminal)
    reportLeftOut(traces.leftOutSpanCount, terminal)
    return code
  },
}

function formatOf(parsed: Parsed): Format {
  const wanted = lastOf(parsed, 'format')
  const expected = `--format: expected ${FORMATS.join(' or ')}`
  if (wanted === undefined) throw usageFailure('export', `${expected}, found none`)
  const format = FORMATS.find((one) => one === wanted)
  if (format !== undefined) return format
  throw usageFailure('export', `${expected}, found "${visible(wanted)}"`)
}

function asFile(format: Format, { records, executions }: KeptTraces, terminal: Terminal): object {
  if (format === 'jaeger') return jaegerFile(records, executions)
  const exporter = `qflow-otel ${packageVersion()}`
  const { file, unplacedSpanCount } = speedscopeFile(executions, { name: 'qflow-otel', exporter })
  if (unplacedSpanCount > 0)
    complainInWords(
      [`${counted(unplacedSpanCount, 'span')} not in the file: too many overlap at once`],
      terminal,
    )
  return file
}

function write(file: object, parsed: Parsed, terminal: Terminal): void {
  const text = `${JSON.stringify(file)}\n`
  const output = lastOf(parsed, 'output')
  if (output === undefined) terminal.out.write(text)
  else writeOutputFile(output, text)
}

function reportLeftOut(spanCount: number, terminal: Terminal): void {
  if (spanCount === 0) return
  complainInWords(
    [
      `${counted(spanCount, 'span')} had no room in the file, which begins no trace beyond ${count(MAX_KEPT_SPANS)}; choose one with --trace ID or --execution ID`,
    ],
    terminal,
  )
}
