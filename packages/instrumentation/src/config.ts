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

const prefix = 'OTEL_INSTRUMENTATION_QFLOW_'

export const settingDefinitions: readonly SettingDefinition[] = [
  setting('enabled', 'ENABLED', 'true', 'Whether anything is wrapped.'),
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
    'How a span is tied across a durable boundary: `link` (new trace), `child` (same trace), or `auto`: a webhook or event continues its sender’s trace, a resume links to the segment before.',
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
]

/** The settings as the hooks read them, resolved once. */
export interface Settings {
  readonly enabled: boolean
  readonly packageNames: readonly string[]
  readonly ignoreFlows: readonly (string | RegExp)[]
  readonly ignoreSteps: readonly (string | RegExp)[]
  readonly requireParent: boolean
  readonly detailMode: DetailMode
  readonly detailRatio: number
  readonly boundaryMode: BoundaryMode
  readonly captureAttributes: ReadonlySet<string>
  readonly captureMaxLength: number
  readonly redactKeys: readonly (string | RegExp)[]
  readonly executionHook: QflowInstrumentationConfig['executionHook']
  readonly stepHook: QflowInstrumentationConfig['stepHook']
}

type Environment = Readonly<Record<string, string | undefined>>
type Complain = (message: string) => void

/**
 * Settings from code, else from the environment, else the default. A value that cannot be read is named through
 * `complain` and the default holds: a typing error must not keep an application from starting.
 */
export function resolveSettings(
  config: QflowInstrumentationConfig,
  environment: Environment,
  complain: Complain,
): Settings {
  const env = reader(environment, complain)
  return {
    enabled: config.enabled ?? env.flag('ENABLED', true),
    packageNames: config.packageNames ?? env.list('PACKAGE_NAMES', ['@anarq/qflow']),
    ignoreFlows: config.ignoreFlows ?? env.list('IGNORE_FLOWS', []),
    ignoreSteps: config.ignoreSteps ?? env.list('IGNORE_STEPS', []),
    requireParent: config.requireParent ?? env.flag('REQUIRE_PARENT', false),
    detailMode: env.choice('DETAIL_MODE', config.detailMode, ['off', 'sampled', 'on']),
    detailRatio: env.number('DETAIL_RATIO', config.detailRatio, 0.01, [0, 1]),
    boundaryMode: env.choice('BOUNDARY_MODE', config.boundaryMode, ['auto', 'link', 'child']),
    captureAttributes: new Set(config.captureAttributes ?? env.list('CAPTURE_ATTRIBUTES', [])),
    captureMaxLength: env.number(
      'CAPTURE_MAX_LENGTH',
      config.captureMaxLength,
      256,
      [1, 1_000_000],
    ),
    redactKeys: config.redactKeys ?? env.list('REDACT_KEYS', []),
    executionHook: config.executionHook,
    stepHook: config.stepHook,
  }
}

/** Whether one of the entries is the text itself or a pattern that fits it. */
export function matches(list: readonly (string | RegExp)[], text: string): boolean {
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
  return { name, env: env && prefix + env, fallback, meaning }
}

function reader(environment: Environment, complain: Complain) {
  const raw = (name: string) => environment[prefix + name]?.trim() || undefined
  const wrong = (name: string, expected: string, found: unknown) =>
    complain(`${prefix}${name}: expected ${expected}, found ${String(found)}; the default holds`)
  return {
    flag(name: string, fallback: boolean): boolean {
      const text = raw(name)?.toLowerCase()
      if (text === undefined) return fallback
      if (text === 'true' || text === 'false') return text === 'true'
      wrong(name, 'true or false', text)
      return fallback
    },
    list: (name: string, fallback: readonly string[]): readonly string[] =>
      raw(name)
        ?.split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '') ?? fallback,
    /** The first choice is the default. */
    choice<T extends string>(name: string, given: T | undefined, choices: readonly [T, ...T[]]): T {
      const value = given ?? raw(name)
      if (value === undefined) return choices[0]
      const found = choices.find((choice) => choice === value)
      if (found === undefined) wrong(name, choices.join(', '), value)
      return found ?? choices[0]
    },
    number(
      name: string,
      given: number | undefined,
      fallback: number,
      [low, high]: readonly [number, number],
    ): number {
      const value = given ?? Number(raw(name) ?? fallback)
      if (value >= low && value <= high) return value
      wrong(name, `a number from ${low} to ${high}`, value)
      return fallback
    },
  }
}
