import { compareSamples } from '@qflow-otel/analyzer'
import { type Comparison, type Gathered, gather } from '../compare/gather.ts'
import { gatherFromCollector } from '../compare/gather-from-collector.ts'
import { parseTimeWindow } from '../compare/time-window.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { analyzerOptionsFrom } from '../option/analysis-settings.ts'
import { unknownFailure } from '../option/choice.ts'
import { HELP, JSON_OUTPUT, NO_COLOR } from '../option/option.ts'
import { lastOf, type Parsed, usageFailure } from '../option/parse-options.ts'
import { choiceOfSeries, SERIES_OPTIONS } from '../option/series-choice.ts'
import { comparisonLines, type DrawnComparison } from '../render/comparison.ts'
import { outputLayout, print, printJson, type Terminal } from '../terminal.ts'
import { visible } from '../text/visible.ts'
import { DEFAULT_COLLECTOR_URL } from './collector-client.ts'
import type { Command } from './command.ts'
import { summaryOf } from './register.ts'
import { complainInWords } from './report-problems.ts'

/** What the user asked to be compared, and where it stands. */
interface Question {
  readonly comparison: Comparison
  readonly files: readonly string[]
  readonly before: string
  readonly after: string
}

/** `qflow-otel compare`: two samples in, what differs out. */
export const compare: Command = {
  definition: {
    ...summaryOf('compare'),
    paragraphs: [
      'Compares quantiles (50, 90, 95, 99 %) with their intervals: of series in two files as detect reads them, or of executions, their steps and phases in trace files as analyze reads them.',
      'With --versions two versions of a flow, with --before and --after two windows of time, within the files; without files of a running collector (--flow), which has the newest executions only. What failed or is not whole is left out.',
    ],
    options: [
      { name: 'flow', value: 'ID', sentence: 'Only executions of this flow.' },
      {
        name: 'versions',
        value: 'OLD NEW',
        sentence: 'Compare executions of these two versions; also as OLD,NEW.',
      },
      {
        name: 'before',
        value: 'FROM..TO',
        sentence:
          'The window to compare with, such as 2026-01-01..2026-01-08; an end may be left out.',
      },
      { name: 'after', value: 'FROM..TO', sentence: 'The window that is compared.' },
      {
        name: 'url',
        value: 'URL',
        sentence: 'The collector to ask where no file is given.',
        default: DEFAULT_COLLECTOR_URL,
        variable: 'QFLOW_OTEL_URL',
      },
      ...SERIES_OPTIONS,
      JSON_OUTPUT,
      NO_COLOR,
      HELP,
    ],
  },

  async run(parsed, terminal) {
    const question = questionOf(parsed)
    const gathered = await answerOf(question, parsed, terminal)
    complainInWords(gathered.problems, terminal)
    const { sets, unit } = gathered
    const names = { before: question.before, after: question.after }
    for (const side of ['before', 'after'] as const)
      if (sets.isEmpty(side)) throw nothingIn(names[side], gathered, lastOf(parsed, 'flow'))
    const drawn: DrawnComparison = {
      ...names,
      unit,
      comparisons: compareSamples(sets.pairs()),
      onlyBefore: sets.onlyIn('before'),
      onlyAfter: sets.onlyIn('after'),
      leftOut: sets.leftOut,
    }
    show(drawn, parsed, terminal)
    return exitCodeOf(gathered)
  },
}

function questionOf(parsed: Parsed): Question {
  const [versions, before, after] = ['versions', 'before', 'after'].map((name) =>
    lastOf(parsed, name),
  )
  if (versions !== undefined) {
    if (before !== undefined || after !== undefined)
      throw usageFailure('compare', '--versions and windows of time exclude each other')
    return versionsOf(versions, parsed.positionals)
  }
  const files = parsed.positionals
  if (before === undefined && after === undefined) {
    const [a, b, ...more] = files
    if (a === undefined || b === undefined || more.length > 0)
      throw usageFailure('compare', 'expected two files, or --versions, or --before and --after')
    return { comparison: { kind: 'files' }, files, before: fileName(a), after: fileName(b) }
  }
  if (before === undefined || after === undefined)
    throw usageFailure('compare', '--before and --after go together')
  const windows = {
    before: parseTimeWindow(before, '--before'),
    after: parseTimeWindow(after, '--after'),
  }
  return { comparison: { kind: 'windows', ...windows }, files: [...new Set(files)], before, after }
}

/** `--versions 1,2`, or `--versions 1 2`: then the second stands before the files. */
function versionsOf(text: string, positionals: readonly string[]): Question {
  const [before = '', second, ...rest] = text.split(',')
  const [after, files] =
    second === undefined ? [positionals[0], positionals.slice(1)] : [second, positionals]
  if (before === '' || after === undefined || after === '' || rest.length > 0) {
    const found = visible(text)
    throw usageFailure('compare', `--versions: expected two versions, found "${found}"`)
  }
  if (before === after) throw usageFailure('compare', '--versions: expected two that differ')
  const names = { before: `version ${before}`, after: `version ${after}` }
  return { comparison: { kind: 'versions', before, after }, files: [...new Set(files)], ...names }
}

function answerOf(
  { comparison, files }: Question,
  parsed: Parsed,
  terminal: Terminal,
): Promise<Gathered> {
  const flowId = lastOf(parsed, 'flow')
  const url = lastOf(parsed, 'url')
  if (files.length > 0 || comparison.kind === 'files') {
    if (url !== undefined) throw usageFailure('compare', '--url and files exclude each other')
    const { memoryBudgetBytes } = analyzerOptionsFrom(parsed, terminal.env)
    const choice = choiceOfSeries(parsed)
    return gather({ files, comparison, flowId, choice, memoryBudgetBytes, terminal })
  }
  if (flowId === undefined)
    throw usageFailure('compare', 'no file given: name the flow of the collector with --flow')
  const fromEnv = terminal.env['QFLOW_OTEL_URL'] || DEFAULT_COLLECTOR_URL
  return gatherFromCollector(url ?? fromEnv, flowId, comparison)
}

/** The side that holds nothing, or the flow that nobody knows. */
function nothingIn(name: string, { sets, known }: Gathered, flowId: string | undefined): Failure {
  if (flowId !== undefined && known !== undefined && !known.flowIds.has(flowId))
    return unknownFailure(`no flow "${visible(flowId)}" is known`, flowId, [...known.flowIds])
  const reasons = Object.entries(sets.leftOut).map(
    ([reason, n]) => `${n} ${reason.replaceAll('_', ' ')}`,
  )
  const versions = [...(known?.versions ?? [])].slice(0, MAX_SHOWN_VERSIONS)
  const advice = [
    ...(reasons.length === 0 ? [] : [`Left out: ${reasons.join(', ')}.`]),
    ...(versions.length === 0
      ? []
      : [`Versions: ${versions.map((one) => visible(one)).join(', ')}`]),
  ]
  const message = `nothing to compare: ${visible(name)} has no value`
  return new Failure({ code: EXIT.noInput, message, advice })
}

function show(drawn: DrawnComparison, parsed: Parsed, terminal: Terminal): void {
  if (parsed.values.has('json')) printJson(terminal, { kind: 'comparison', ...drawn })
  else
    print(terminal, comparisonLines(drawn, outputLayout(terminal)), parsed.values.has('no-color'))
}

/** The first that were met. */
const MAX_SHOWN_VERSIONS = 5

function exitCodeOf({ isPartial }: Gathered): ExitCode {
  return isPartial ? EXIT.partInput : EXIT.ok
}

function fileName(file: string): string {
  return file === '-' ? 'standard input' : file
}
