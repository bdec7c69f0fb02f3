import {
  type DetectionSettings,
  detectionSettings,
  refuseDetection,
  type SensitivityLevel,
} from '@qflow-otel/analyzer'
import {
  optionalText,
  parseHeaders,
  parserOf,
  refuseHeaders,
  refuseUrl,
  type SettingValue,
  text,
  whole,
} from './setting-values.ts'

/**
 * Every setting of the collector: flags, environment variables and the README's table derive from
 * `settingDefinitions`.
 */
export interface CollectorSettings {
  readonly host: string
  readonly port: number
  readonly allowedHosts: readonly string[]
  readonly maxBodyBytes: number
  readonly maxJsonBodyBytes: number
  readonly forwardUrl: string | undefined
  readonly forwardHeaders: Readonly<Record<string, string>>
  readonly forwardQueueBytes: number
  readonly forwardTimeoutMs: number
  readonly forwardGiveUpMs: number
  readonly metricIntervalMs: number
  readonly closeTimeoutMs: number
  readonly stateDir: string | undefined
  readonly snapshotIntervalMs: number
  readonly enableDetection: boolean
  readonly sensitivityLevel: SensitivityLevel
  /** Absent where the level decides. */
  readonly falseAlarmBudgetExecutions: number | undefined
  readonly alertThreshold: number | undefined
  readonly minSampleSize: number
  readonly windowSize: number
  readonly memoryBudgetBytes: number
}

export type SettingName = keyof CollectorSettings

export interface SettingDefinition<Value = unknown> extends SettingValue<Value> {
  readonly name: SettingName
  readonly variable: `QFLOW_OTEL_${string}`
  readonly flag: `--${string}`
  readonly default: Value
  readonly unit: string | undefined
  readonly sentence: string
}

/** A setting that cannot be used. `where` names the flag, the variable or the option. */
export class SettingError extends Error {
  override readonly name = 'SettingError'
  readonly where: string
  readonly expected: string
  readonly found: string

  constructor(problem: { where: string; expected: string; found: string }) {
    super(`${problem.where}: expected ${problem.expected}, found ${problem.found}`)
    this.where = problem.where
    this.expected = problem.expected
    this.found = problem.found
  }
}

const MIB = 1024 * 1024

type Definitions = {
  readonly [Name in SettingName]: Omit<
    SettingDefinition<CollectorSettings[Name]>,
    'name' | 'variable' | 'flag'
  >
}

/** What the analyzer defines, read from text. */
const detectionDefinitions = Object.fromEntries(
  detectionSettings.map((setting) => [
    setting.name,
    {
      default: setting.default,
      unit: setting.unit,
      sentence: setting.sentence,
      parse: parserOf(setting.value),
      refuse: (value: unknown) => refuseDetection(setting, value),
    },
  ]),
  // Each setting of the analyzer has its name and the type of its value.
) as unknown as Pick<Definitions, keyof DetectionSettings>

const definitions: Definitions = {
  host: {
    default: '127.0.0.1',
    unit: undefined,
    sentence: 'Address to listen on, for OTLP and the page.',
    ...text(),
  },
  port: {
    default: 4318,
    unit: undefined,
    sentence: 'Port to listen on; 0 takes a free one.',
    ...whole({ min: 0, max: 65_535 }),
  },
  allowedHosts: {
    default: [],
    unit: undefined,
    sentence:
      'Further host names under which a browser may reach the page, comma-separated (a proxy in front).',
    parse: (list) => list.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()])),
    refuse: (list) =>
      Array.isArray(list) && list.every((one) => typeof one === 'string' && one !== '')
        ? undefined
        : 'host names',
  },
  maxBodyBytes: {
    default: 64 * MIB,
    unit: 'bytes',
    sentence:
      'Largest OTLP body, as sent and after decompression; a larger one is refused with 413.',
    ...whole({ min: 1024, max: 512 * MIB }),
  },
  maxJsonBodyBytes: {
    default: 12 * MIB,
    unit: 'bytes',
    sentence:
      'The same bound for a body in JSON, where the lower one holds: parsing one of this size holds everything else up for as much as a second.',
    ...whole({ min: 1024, max: 512 * MIB }),
  },
  forwardUrl: {
    default: undefined,
    unit: undefined,
    sentence:
      'Base URL of the OTLP/HTTP backend that gets everything received, byte for byte; without one nothing is forwarded.',
    parse: (url) => url,
    refuse: refuseUrl,
  },
  forwardHeaders: {
    default: {},
    unit: undefined,
    sentence: 'Headers for the backend: `name=value`, comma-separated, percent-encoded.',
    parse: parseHeaders,
    refuse: refuseHeaders,
  },
  forwardQueueBytes: {
    default: 64 * MIB,
    unit: 'bytes',
    sentence:
      'Bound of what waits for the backend; when it is full, senders get 503 and try again.',
    ...whole({ min: 1024, max: 4096 * MIB }),
  },
  forwardTimeoutMs: {
    default: 10_000,
    unit: 'ms',
    sentence: 'How long the backend may take to answer one request.',
    ...whole({ min: 1, max: 600_000 }),
  },
  forwardGiveUpMs: {
    default: 300_000,
    unit: 'ms',
    sentence:
      'How long after its first attempt a request is tried again before it is dropped and counted.',
    ...whole({ min: 0, max: 86_400_000 }),
  },
  metricIntervalMs: {
    default: 15_000,
    unit: 'ms',
    sentence: "How often the collector's and the analyzer's metrics go to the backend.",
    ...whole({ min: 100, max: 3_600_000 }),
  },
  closeTimeoutMs: {
    default: 10_000,
    unit: 'ms',
    sentence: 'How long closing may take to empty the queue; the rest is dropped and counted.',
    ...whole({ min: 0, max: 600_000 }),
  },
  stateDir: {
    default: undefined,
    unit: undefined,
    sentence:
      'Directory that keeps what was learned over a restart; without one it is in memory only.',
    ...optionalText(),
  },
  snapshotIntervalMs: {
    default: 30_000,
    unit: 'ms',
    sentence: 'How often what was learned is written to the state directory.',
    ...whole({ min: 100, max: 86_400_000 }),
  },
  ...detectionDefinitions,
  memoryBudgetBytes: {
    default: 256 * MIB,
    unit: 'bytes',
    sentence: 'Bound of the spans held in memory; the oldest executions go first and are counted.',
    ...whole({ min: MIB, max: 16_384 * MIB }),
  },
}

/** All settings in the order of the documentation. */
export const settingDefinitions: readonly SettingDefinition[] = Object.entries(definitions).map(
  ([name, definition]) => ({
    // The keys of `definitions` are the setting names, by its type.
    name: name as SettingName,
    variable: `QFLOW_OTEL_${words(name).join('_').toUpperCase()}` as const,
    flag: `--${words(name).join('-')}` as const,
    // Each definition reads and checks its own value type only.
    ...(definition as Omit<SettingDefinition, 'name' | 'variable' | 'flag'>),
  }),
)

/** Those of the settings that say how changes are judged. */
export function detectionOf(settings: CollectorSettings): Partial<DetectionSettings> {
  return Object.fromEntries(
    detectionSettings.flatMap(({ name }) =>
      settings[name] === undefined ? [] : [[name, settings[name]]],
    ),
  )
}

export interface SettingSources {
  /** Texts by flag, `--port` for example; they win over everything. */
  readonly flags?: Readonly<Record<string, string>>
  /** Values from code. */
  readonly options?: Partial<CollectorSettings>
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Resolves every setting once: flag, then option, then environment variable, then default. An empty
 * variable counts as not set. Throws `SettingError` for a value or a flag that cannot be used.
 */
export function resolveSettings(sources: SettingSources): CollectorSettings {
  refuseUnknownFlags(sources.flags ?? {})
  const resolved = settingDefinitions.map((definition) => [
    definition.name,
    resolveOne(definition, sources),
  ])
  // Each definition yields its own member's type; `definitions` is checked against them.
  return Object.freeze(Object.fromEntries(resolved)) as CollectorSettings
}

function resolveOne(definition: SettingDefinition, sources: SettingSources): unknown {
  const { name, flag, variable } = definition
  const flagText = sources.flags?.[flag]
  if (flagText !== undefined) return read(definition, flagText, flag)
  const option = sources.options?.[name]
  if (option !== undefined) return check(definition, option, { where: name, found: show(option) })
  const variableText = sources.env?.[variable]
  if (variableText !== undefined && variableText !== '')
    return read(definition, variableText, variable)
  return definition.default
}

function read(definition: SettingDefinition, from: string, where: string): unknown {
  return check(definition, definition.parse(from), { where, found: show(from) })
}

function check(
  definition: SettingDefinition,
  value: unknown,
  place: { where: string; found: string },
): unknown {
  const expected = definition.refuse(value)
  if (expected === undefined) return value
  // Headers carry credentials: their text is never repeated.
  const found = definition.name === 'forwardHeaders' ? 'something else' : place.found
  throw new SettingError({ where: place.where, expected, found })
}

function refuseUnknownFlags(flags: Readonly<Record<string, string>>): void {
  const known = new Set<string>(settingDefinitions.map(({ flag }) => flag))
  const unknown = Object.keys(flags).find((flag) => !known.has(flag))
  if (unknown === undefined) return
  throw new SettingError({
    where: unknown,
    expected: `one of ${[...known].join(' ')}`,
    found: 'an unknown flag',
  })
}

function show(value: unknown): string {
  const shown = JSON.stringify(value) ?? String(value)
  return shown.length > 100 ? `${shown.slice(0, 100)}…` : shown
}

function words(name: string): string[] {
  return name.split(/(?=[A-Z])/).map((word) => word.toLowerCase())
}
