import type { Analyzer, Finding, Plain, Report } from '@qflow-otel/analyzer'
import { queryReport } from '@qflow-otel/collector'
import { EXIT } from '../exit-code.ts'
import { analyzeInputs } from '../input/analyze-inputs.ts'
import type { InputSummary } from '../input/read-input.ts'
import { analysisOptions, analyzerOptionsFrom } from '../option/analysis-settings.ts'
import { CHOICE_OPTIONS } from '../option/choice.ts'
import { HELP, JSON_OUTPUT, NO_COLOR, type Option } from '../option/option.ts'
import { type Parsed, usageFailure } from '../option/parse-options.ts'
import { analysisHeader } from '../render/analysis-header.ts'
import { reportLines } from '../render/report.ts'
import { outputLayout, print, printJson, type Terminal } from '../terminal.ts'
import type { Command } from './command.ts'
import { analyzeCriticalPaths } from './critical-paths.ts'
import { inputExitCode } from './input-exit-code.ts'
import { summaryOf } from './register.ts'
import { reportProblems } from './report-problems.ts'
import { SVG_OPTION } from './svg-file.ts'
import { typicalExecution } from './typical-execution.ts'

const FAIL_KINDS = ['regression', 'bottleneck'] as const

/** `qflow-otel analyze`: trace files in, a report out. */
export const analyze: Command = {
  definition: {
    ...summaryOf('analyze'),
    paragraphs: [
      'Reads OTLP JSON, JSON lines as the Collector’s file exporter writes them, OTLP protobuf (also with its length prefixes) and Jaeger JSON; gzip is detected, - is the standard input. Files are read in the order of their times and streamed: a line or document at a time is in memory.',
      'Time is the files’ own: nothing depends on when the command runs.',
    ],
    options: [
      {
        name: 'flow',
        value: 'FILE',
        isRepeatable: true,
        sentence: 'Flow definition (JSON), for edges between steps that spans do not show.',
      },
      {
        name: 'fail-on',
        value: 'KIND',
        isRepeatable: true,
        sentence: 'Exit with 1 when a finding of this kind is open: regression or bottleneck.',
      },
      {
        name: 'critical-path',
        sentence:
          'Instead of the report: what each execution was waiting for, and each trace without flows.',
      },
      ...CHOICE_OPTIONS.map((option) => withCriticalPath(option)),
      withCriticalPath(SVG_OPTION),
      ...analysisOptions,
      JSON_OUTPUT,
      NO_COLOR,
      HELP,
    ],
  },

  async run(parsed, terminal) {
    const failKinds = failKindsOf(parsed)
    if (parsed.positionals.length === 0)
      throw usageFailure('analyze', 'no file given; - is the standard input')
    if (parsed.values.has('critical-path')) return analyzeCriticalPaths(parsed, terminal)
    for (const { name } of [...CHOICE_OPTIONS, SVG_OPTION])
      if (parsed.values.has(name))
        throw usageFailure('analyze', `--${name} is of --critical-path only`)
    const { analyzer, inputs } = await analyzeInputs({
      files: [...new Set(parsed.positionals)],
      flowFiles: parsed.values.get('flow') ?? [],
      options: analyzerOptionsFrom(parsed, terminal.env),
      terminal,
    })
    const { report } = queryReport(analyzer)
    if (parsed.values.has('json')) {
      printJson(terminal, { kind: 'analysis', inputs, report })
    } else {
      printText({ analyzer, report, inputs, noColor: parsed.values.has('no-color') }, terminal)
    }
    reportProblems(inputs, terminal)
    const isFound = report.findings.some((finding) =>
      failKinds.some((kind) => isOpen(finding, kind)),
    )
    return isFound ? EXIT.findings : inputExitCode(inputs)
  },
}

function withCriticalPath(option: Option): Option {
  return { ...option, sentence: `With --critical-path: ${lowered(option.sentence)}` }
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}

function printText(
  result: {
    analyzer: Analyzer
    report: Plain<Report>
    inputs: readonly InputSummary[]
    noColor: boolean
  },
  terminal: Terminal,
): void {
  const layout = outputLayout(terminal)
  const { analyzer, report, inputs, noColor } = result
  // Without a single span there is nothing to report; what was wrong with the input is said next.
  if (inputs.every(({ spanCount }) => spanCount === 0)) return
  print(
    terminal,
    [
      ...analysisHeader(report, inputs, layout),
      ...reportLines(report, layout, (flow) => typicalExecution(analyzer, flow)),
    ],
    noColor,
  )
}

function failKindsOf(parsed: Parsed): readonly (typeof FAIL_KINDS)[number][] {
  return (parsed.values.get('fail-on') ?? []).map((text) => {
    const kind = FAIL_KINDS.find((one) => one === text)
    if (kind !== undefined) return kind
    throw usageFailure('analyze', `--fail-on: expected ${FAIL_KINDS.join(' or ')}, found "${text}"`)
  })
}

/** An improvement is a change, but nothing to fail on. */
function isOpen(finding: Plain<Finding>, kind: (typeof FAIL_KINDS)[number]): boolean {
  if (finding.state !== 'open' || finding.kind !== kind) return false
  return finding.kind !== 'regression' || finding.direction === 'regression'
}
