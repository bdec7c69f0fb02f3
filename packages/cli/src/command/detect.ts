import { detectionSettings } from '@qflow-otel/analyzer'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { analysisOptions, analyzerOptionsFrom } from '../option/analysis-settings.ts'
import { HELP, JSON_OUTPUT, NO_COLOR } from '../option/option.ts'
import { lastOf, type Parsed, usageFailure } from '../option/parse-options.ts'
import { choiceOfSeries, SERIES_OPTIONS } from '../option/series-choice.ts'
import { writeOutputFile } from '../output-file.ts'
import { detectedLines } from '../render/detected-series.ts'
import { svgSeries } from '../render/svg/svg-series.ts'
import { type DetectedSeries, type Detection, detectIn } from '../series/detected.ts'
import { readAllSeries } from '../series/read-all-series.ts'
import { type SeriesInput, seriesProblems } from '../series/read-series.ts'
import { outputLayout, print, printJson, type Terminal } from '../terminal.ts'
import { visible } from '../text/visible.ts'
import type { Command } from './command.ts'
import { summaryOf } from './register.ts'
import { complainInWords } from './report-problems.ts'

const FAIL_KINDS = ['up', 'down', 'change'] as const
type FailKind = (typeof FAIL_KINDS)[number]
/** Wider, and the eye no longer follows a row. */
const MAX_CHART_WIDTH = 240
const ONLINE_NAMES = new Set<string>(detectionSettings.map(({ name }) => optionName(name)))

/** `qflow-otel detect`: series of numbers in, their change points out. */
export const detect: Command = {
  definition: {
    ...summaryOf('detect'),
    paragraphs: [
      'Reads CSV with a header (separated by comma, semicolon or tab), JSON (an array of numbers or objects, an object of arrays), JSON lines, and histories of benchmarks: github-action-benchmark (data.js or JSON), Google Benchmark, hyperfine. Files of single runs go on from file to file, in the order given. gzip is detected, - is the standard input.',
      'Every column of numbers is a series, in the order of the file, or of time where every row has one. An index counts from 0, rows without a value included.',
    ],
    options: [
      ...SERIES_OPTIONS,
      {
        name: 'offline',
        sentence:
          'Look back over the whole series: all change points, with confidence (the default).',
      },
      {
        name: 'online',
        sentence:
          'What the live detector would have told, value by value, and after which; values are durations, never negative.',
      },
      {
        name: 'smallest-effect',
        value: 'RATIO',
        sentence: 'Offline: leave out changes of less than this, 0.05 for 5 %.',
        default: '0',
      },
      {
        name: 'svg',
        value: 'FILE',
        sentence: 'Draw the series as a picture that stands alone (SVG, light and dark).',
      },
      {
        name: 'fail-on',
        value: 'KIND',
        isRepeatable: true,
        sentence: 'Exit with 1 when a change of this kind is found: up, down or change.',
      },
      ...analysisOptions
        .filter(({ name }) => ONLINE_NAMES.has(name))
        .map((option) => ({ ...option, sentence: `Online: ${lowered(option.sentence)}` })),
      JSON_OUTPUT,
      NO_COLOR,
      HELP,
    ],
  },

  async run(parsed, terminal) {
    const failKinds = failKindsOf(parsed)
    const detection = detectionOf(parsed, terminal)
    const choice = choiceOfSeries(parsed)
    if (parsed.positionals.length === 0)
      throw usageFailure('detect', 'no file given; - is the standard input')
    const files = [...new Set(parsed.positionals)]
    const { inputs, series } = await readAllSeries(files, { stdin: terminal.stdin, choice })
    const detected = series.map((one) => detectIn(one, detection))
    if (parsed.values.has('json')) printJson(terminal, jsonOf(detection, inputs, detected))
    else if (detected.length > 0) printText(detected, parsed, terminal)
    complainInWords([...inputs.flatMap(seriesProblems), ...unusable(detected)], terminal)
    const svg = lastOf(parsed, 'svg')
    if (svg !== undefined && detected.length > 0) writeOutputFile(svg, svgSeries(detected))
    return exitCodeOf(inputs, detected, failKinds)
  },
}

function detectionOf(parsed: Parsed, terminal: Terminal): Detection {
  const isOnline = parsed.values.has('online')
  if (isOnline && parsed.values.has('offline'))
    throw usageFailure('detect', '--online and --offline exclude each other')
  if (isOnline) {
    if (parsed.values.has('smallest-effect'))
      throw usageFailure(
        'detect',
        '--smallest-effect is of --offline; --alert-threshold of --online',
      )
    const { memoryBudgetBytes: _, ...settings } = analyzerOptionsFrom(parsed, terminal.env)
    return { kind: 'online', settings }
  }
  for (const name of ONLINE_NAMES)
    if (parsed.values.has(name)) throw usageFailure('detect', `--${name} is of --online`)
  const text = lastOf(parsed, 'smallest-effect') ?? '0'
  const smallestEffectRatio = Number(text)
  if (smallestEffectRatio >= 0 && smallestEffectRatio <= 100)
    return { kind: 'offline', smallestEffectRatio }
  const found = visible(text)
  throw usageFailure(
    'detect',
    `--smallest-effect: expected a ratio from 0 to 100, found "${found}"`,
  )
}

function printText(detected: readonly DetectedSeries[], parsed: Parsed, terminal: Terminal): void {
  const layout = outputLayout(terminal)
  const columns = terminal.out.isTty ? terminal.out.columns : undefined
  const chartWidth = Math.min(MAX_CHART_WIDTH, columns ?? layout.width)
  print(terminal, detectedLines(detected, { ...layout, chartWidth }), parsed.values.has('no-color'))
}

function jsonOf(
  { kind }: Detection,
  inputs: readonly SeriesInput[],
  detected: readonly DetectedSeries[],
): object {
  return {
    kind: 'change_points',
    mode: kind,
    inputs: inputs.map(({ series, ...input }) => ({ ...input, seriesCount: series.length })),
    series: detected.map(({ series, n, skippedCount, changes, noise, drift }) => ({
      name: series.name,
      unit: series.unit,
      n,
      skippedCount,
      noise,
      drift,
      changePoints: changes.map(({ time, ...change }) => ({
        ...change,
        time: time?.text,
        timeUnixMs: time?.unixMs,
      })),
    })),
  }
}

/** Series with values of which none can be a duration. */
function unusable(detected: readonly DetectedSeries[]): readonly string[] {
  return detected.flatMap(({ series, n }) => {
    const hasValues = series.points.some(({ value }) => Number.isFinite(value))
    return n === 0 && hasValues ? [`${series.name}: expected durations, found none`] : []
  })
}

function exitCodeOf(
  inputs: readonly SeriesInput[],
  detected: readonly DetectedSeries[],
  failKinds: readonly FailKind[],
): ExitCode {
  const isFound = detected.some(({ changes }) =>
    changes.some(({ direction }) => failKinds.includes('change') || failKinds.includes(direction)),
  )
  if (isFound) return EXIT.findings
  if (detected.every(({ n }) => n === 0)) return EXIT.noInput
  const isPart = inputs.some(({ problemCount, leftOutCount }) => problemCount + leftOutCount > 0)
  return isPart ? EXIT.partInput : EXIT.ok
}

function failKindsOf(parsed: Parsed): readonly FailKind[] {
  return (parsed.values.get('fail-on') ?? []).map((text) => {
    const kind = FAIL_KINDS.find((one) => one === text)
    if (kind !== undefined) return kind
    const found = visible(text)
    throw usageFailure('detect', `--fail-on: expected ${FAIL_KINDS.join(', ')}, found "${found}"`)
  })
}

function optionName(setting: string): string {
  return setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}
