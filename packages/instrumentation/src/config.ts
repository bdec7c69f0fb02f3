import {
  ATTR_QFLOW_ERROR_MESSAGE,
  ATTR_QFLOW_EXECUTION_INPUT,
  ATTR_QFLOW_EXECUTION_PERMISSIONS,
  ATTR_QFLOW_EXECUTION_TRIGGERED_BY,
  ATTR_QFLOW_EXECUTION_VARIABLES,
  ATTR_QFLOW_FLOW_OWNER,
  ATTR_QFLOW_STEP_PARAMS,
  ATTR_QFLOW_STEP_RESULT,
} from '@qflow-otel/semconv'
import { type Complain, createSettingReader, type Pattern } from './setting-reader.ts'
import type { BoundaryMode, DetailMode, QflowInstrumentationConfig } from './types.ts'

/** One setting: the only source of its default, its environment variable and its row in the README. */
export interface SettingDefinition {
  readonly name: keyof QflowInstrumentationConfig
  /** Environment variable, read when the setting is not given in code; functions have none. */
  readonly env: string | undefined
  /** As shown in the README. */
  readonly fallback: string
  readonly meaning: string
}

export const envPrefix = 'OTEL_INSTRUMENTATION_QFLOW_'

export const settingDefinitions: readonly SettingDefinition[] = [
  setting(
    'enabled',
    'ENABLED',
    'true',
    'Whether anything is wrapped. `false` in the environment holds whatever code says.',
  ),
  setting(
    'packageNames',
    'PACKAGE_NAMES',
    '@anarq/qflow',
    'Names under which the engine is installed, for renamed forks.',
  ),
  setting(
    'ignoreFlows',
    'IGNORE_FLOWS',
    'none',
    'Flow ids (text or RegExp) that leave no telemetry.',
  ),
  setting(
    'ignoreSteps',
    'IGNORE_STEPS',
    'none',
    'Step ids or actions (text or RegExp) that get no span.',
  ),
  setting(
    'requireParent',
    'REQUIRE_PARENT',
    'false',
    'Trace an execution only where a span is active already.',
  ),
  setting(
    'detailMode',
    'DETAIL_MODE',
    'off',
    'Child spans for validation layers, pool waits and holds, ledger and admission checks: `off`, `sampled` or `on`.',
  ),
  setting(
    'detailRatio',
    'DETAIL_RATIO',
    '0.01',
    'Share (0..1) of the executions that `sampled` details; chosen by a hash of the execution id.',
  ),
  setting(
    'boundaryMode',
    'BOUNDARY_MODE',
    'auto',
    'How a span is tied across a durable boundary: `link` (new trace), `child` (same trace), or `auto`: a webhook or event continues its sender’s trace, a resume links to the segment before, a schedule to the span its timer was set in once that has ended.',
  ),
  setting(
    'captureAttributes',
    'CAPTURE_ATTRIBUTES',
    'none',
    'Opt-in attributes that hold identities or payloads, by name (second table).',
  ),
  setting(
    'captureMaxLength',
    'CAPTURE_MAX_LENGTH',
    '256',
    'Characters kept of a captured attribute, after redaction.',
  ),
  setting(
    'redactKeys',
    'REDACT_KEYS',
    'credentials',
    'More keys (text or RegExp) whose values are replaced in captured attributes; those that name credentials always are.',
  ),
  setting('executionHook', undefined, 'none', '`(span, info)` before the span of a segment ends.'),
  setting('stepHook', undefined, 'none', '`(span, info)` before the span of a step ends.'),
  setting(
    'metricProducer',
    undefined,
    'none',
    'A `QflowMetricProducer` that sums step durations for the metric reader it is also given to.',
  ),
  setting(
    'spanProcessor',
    undefined,
    'none',
    'A `QflowSpanProcessor`, also the first of the tracer provider’s: spans may then be told 100 ms later.',
  ),
]

/** What `captureAttributes` may name: identities and payloads that are recorded on demand only. */
export const capturableAttributes: readonly string[] = [
  ATTR_QFLOW_FLOW_OWNER,
  ATTR_QFLOW_EXECUTION_TRIGGERED_BY,
  ATTR_QFLOW_EXECUTION_PERMISSIONS,
  ATTR_QFLOW_EXECUTION_INPUT,
  ATTR_QFLOW_EXECUTION_VARIABLES,
  ATTR_QFLOW_STEP_PARAMS,
  ATTR_QFLOW_STEP_RESULT,
  ATTR_QFLOW_ERROR_MESSAGE,
]

type Environment = Readonly<Record<string, string | undefined>>

/** The settings as the hooks read them, resolved once. */
export interface Settings {
  /** Whether to wrap at once; `enable()` may follow later. */
  readonly enabled: boolean
  /** The environment forbids everything, whatever code says. */
  readonly isSwitchedOff: boolean
  readonly packageNames: readonly string[]
  readonly ignoreFlows: readonly Pattern[]
  readonly ignoreSteps: readonly Pattern[]
  readonly requireParent: boolean
  readonly detailMode: DetailMode
  readonly detailRatio: number
  readonly boundaryMode: BoundaryMode
  readonly captureAttributes: ReadonlySet<string>
  readonly captureMaxLength: number
  readonly redactKeys: readonly Pattern[]
  readonly executionHook: QflowInstrumentationConfig['executionHook']
  readonly stepHook: QflowInstrumentationConfig['stepHook']
  readonly metricProducer: QflowInstrumentationConfig['metricProducer']
  readonly spanProcessor: QflowInstrumentationConfig['spanProcessor']
}

/**
 * Settings from code, else from the environment, else the default. A value that cannot be read is named through
 * `complain` and the default holds: a typing error must not keep an application from starting.
 */
export function resolveSettings(
  config: QflowInstrumentationConfig,
  environment: Environment,
  complain: Complain,
): Settings {
  const env = (name: string) => environment[envPrefix + name]?.trim() || undefined
  const read = createSettingReader(config, env, complain)
  return {
    enabled: config.enabled !== false,
    isSwitchedOff: !read.environmentFlag('enabled', 'ENABLED', true),
    packageNames: read.texts('packageNames', 'PACKAGE_NAMES', ['@anarq/qflow']),
    ignoreFlows: read.patterns('ignoreFlows', 'IGNORE_FLOWS'),
    ignoreSteps: read.patterns('ignoreSteps', 'IGNORE_STEPS'),
    requireParent: read.flag('requireParent', 'REQUIRE_PARENT', false),
    detailMode: read.choice('detailMode', 'DETAIL_MODE', ['off', 'sampled', 'on']),
    detailRatio: read.number('detailRatio', 'DETAIL_RATIO', 0.01, [0, 1]),
    boundaryMode: read.choice('boundaryMode', 'BOUNDARY_MODE', ['auto', 'link', 'child']),
    captureAttributes: capturable(
      read.texts('captureAttributes', 'CAPTURE_ATTRIBUTES', []),
      complain,
    ),
    captureMaxLength: read.number('captureMaxLength', 'CAPTURE_MAX_LENGTH', 256, [1, 1_000_000]),
    redactKeys: read.patterns('redactKeys', 'REDACT_KEYS'),
    executionHook: read.hook('executionHook'),
    stepHook: read.hook('stepHook'),
    metricProducer: read.ours('metricProducer', 'record', 'a QflowMetricProducer'),
    spanProcessor: read.ours('spanProcessor', 'beforeFlush', 'a QflowSpanProcessor'),
  }
}

/** An allow-list that names something else would silently capture nothing. */
function capturable(names: readonly string[], complain: Complain): ReadonlySet<string> {
  const known = names.filter((name) => capturableAttributes.includes(name))
  for (const name of names.filter((one) => !known.includes(one))) {
    const expected = capturableAttributes.join(', ')
    complain(`captureAttributes: expected some of ${expected}, found ${name}; it is left out`)
  }
  return new Set(known)
}

/** Whether the hook or a capture looks at the engine's own objects, which may be others later. */
export function needsLiveObjects({ captureAttributes }: Settings, hook: unknown): boolean {
  return hook !== undefined || captureAttributes.size > 0
}

/** Whether one of the entries is the text itself or a pattern that fits it. */
export function matches(list: readonly Pattern[], text: string): boolean {
  for (const entry of list) {
    if (typeof entry === 'string' ? entry === text : fits(entry, text)) return true
  }
  return false
}

/** A sticky or global pattern remembers where it stopped; each question starts afresh. */
function fits(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0
  return pattern.test(text)
}

function setting(
  name: keyof QflowInstrumentationConfig,
  env: string | undefined,
  fallback: string,
  meaning: string,
): SettingDefinition {
  return { name, env: env && envPrefix + env, fallback, meaning }
}
