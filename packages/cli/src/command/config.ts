import {
  type DetectionReport,
  detectionDelays,
  detectionSettings,
  type Plain,
} from '@qflow-otel/analyzer'
import { queryDetection } from '@qflow-otel/collector'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { analyzeInputs } from '../input/analyze-inputs.ts'
import type { InputSummary } from '../input/read-input.ts'
import { isObject } from '../json-object.ts'
import { analysisOptions, analyzerOptionsFrom } from '../option/analysis-settings.ts'
import { unknownFailure } from '../option/choice.ts'
import { HELP, JSON_OUTPUT, NO_COLOR } from '../option/option.ts'
import { lastOf, type Parsed, usageFailure } from '../option/parse-options.ts'
import { type ExplainedFlow, settingsLines } from '../render/settings.ts'
import { outputLayout, print, printJson, type Terminal } from '../terminal.ts'
import { visible } from '../text/visible.ts'
import { askCollector, collectorBase, DEFAULT_COLLECTOR_URL } from './collector-client.ts'
import type { Command } from './command.ts'
import { inputExitCode } from './input-exit-code.ts'
import { summaryOf } from './register.ts'
import { reportProblems } from './report-problems.ts'

type Detection = Plain<DetectionReport>

/** Simulating one takes a second or two. */
const MAX_EXPLAINED_FLOWS = 10
/** Fewer say too little of how a flow varies. */
const MIN_DURATION_COUNT = 30

/** `qflow-otel config explain`: what the settings of the detection buy. */
export const config: Command = {
  definition: {
    ...summaryOf('config'),
    paragraphs: [
      "Without files it asks a running collector for its settings and its flows' durations; with files it reads them as analyze does. The delays are measured: the detector itself is shown durations like those of the flow, and then slower ones.",
    ],
    options: [
      { name: 'flow', value: 'ID', sentence: 'Explain this flow alone.' },
      {
        name: 'url',
        value: 'URL',
        sentence: 'The collector to ask.',
        default: DEFAULT_COLLECTOR_URL,
        variable: 'QFLOW_OTEL_URL',
      },
      ...analysisOptions,
      JSON_OUTPUT,
      NO_COLOR,
      HELP,
    ],
  },

  async run(parsed, terminal) {
    const [word, ...files] = parsed.positionals
    if (word !== 'explain')
      throw usageFailure(
        'config',
        `expected explain, found ${word === undefined ? 'nothing' : `"${visible(word)}"`}`,
      )
    const { detection, inputs } = await detectionOf(parsed, { files, terminal })
    if (inputs.length > 0 && inputExitCode(inputs) === EXIT.noInput) {
      reportProblems(inputs, terminal)
      return EXIT.noInput
    }
    const flowId = lastOf(parsed, 'flow')
    const asked = detection.flows.filter((flow) => flowId === undefined || flow.flowId === flowId)
    if (flowId !== undefined && asked.length === 0) {
      const known = detection.flows.map((flow) => flow.flowId)
      throw unknownFailure(`no flow "${visible(flowId)}" is known`, flowId, known)
    }
    const flows = asked.slice(0, MAX_EXPLAINED_FLOWS).map((flow) => explained(flow, detection))
    const { settings } = detection
    if (parsed.values.has('json')) printJson(terminal, { kind: 'settings', settings, flows })
    else {
      const shown = { settings, flows, leftCount: asked.length - flows.length }
      print(terminal, settingsLines(shown, outputLayout(terminal)), parsed.values.has('no-color'))
    }
    reportProblems(inputs, terminal)
    return inputs.length === 0 ? EXIT.ok : inputExitCode(inputs)
  },
}

async function detectionOf(
  parsed: Parsed,
  { files, terminal }: { readonly files: readonly string[]; readonly terminal: Terminal },
): Promise<{ readonly detection: Detection; readonly inputs: readonly InputSummary[] }> {
  const url = lastOf(parsed, 'url')
  if (files.length === 0) {
    const fromEnv = terminal.env['QFLOW_OTEL_URL'] || DEFAULT_COLLECTOR_URL
    const answer = await askCollector(collectorBase(url ?? fromEnv), { path: 'detection' })
    return { detection: checkedDetection(answer?.['detection']), inputs: [] }
  }
  if (url !== undefined) throw usageFailure('config', '--url and files exclude each other')
  const { analyzer, inputs } = await analyzeInputs({
    files: [...new Set(files)],
    flowFiles: [],
    options: analyzerOptionsFrom(parsed, terminal.env),
    terminal,
  })
  return { detection: queryDetection(analyzer).detection, inputs }
}

function explained(flow: Detection['flows'][number], { settings }: Detection): ExplainedFlow {
  const { flowId, durationsMs, executionsPerHour } = flow
  const isKnown = settings.enableDetection && durationsMs.length >= MIN_DURATION_COUNT
  const delays = isKnown ? detectionDelays(durationsMs, settings) : undefined
  return { flowId, executionsPerHour, executionCount: durationsMs.length, delays }
}

/** Throws `Failure` when a member that is used is missing or of another type. */
function checkedDetection(value: unknown): Detection {
  const isFit =
    isObject(value) &&
    isObject(value['settings']) &&
    detectionSettings.every(
      ({ name }) => isObject(value['settings']) && name in value['settings'],
    ) &&
    Array.isArray(value['flows']) &&
    value['flows'].every(
      (flow: unknown) =>
        isObject(flow) &&
        typeof flow['flowId'] === 'string' &&
        typeof flow['executionsPerHour'] === 'number' &&
        Array.isArray(flow['durationsMs']) &&
        flow['durationsMs'].every((ms: unknown) => typeof ms === 'number'),
    )
  if (!isFit) {
    const message = 'the collector sent no settings of a detection'
    throw new Failure({ code: EXIT.connection, message })
  }
  // Every member that is used was checked above.
  return value as unknown as Detection
}
