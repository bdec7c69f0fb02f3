/** How changes are judged. The names are those that Qflow's users know. */
export interface DetectionSettings {
  readonly enableDetection: boolean
  readonly sensitivityLevel: SensitivityLevel
  readonly falseAlarmBudgetExecutions: number
  readonly alertThreshold: number
  readonly minSampleSize: number
  readonly windowSize: number
}

export type SensitivityLevel = 'low' | 'medium' | 'high'

/** One setting: options, flags, environment variables and tables of the documentation derive from it. */
export interface DetectionSetting {
  readonly name: keyof DetectionSettings
  readonly value:
    | { readonly kind: 'boolean' }
    | { readonly kind: 'choice'; readonly of: readonly string[] }
    | { readonly kind: 'whole' | 'number'; readonly min: number; readonly max: number }
  /** Absent where `sensitivityLevel` decides. */
  readonly default: boolean | string | number | undefined
  readonly unit: string | undefined
  readonly sentence: string
}

/**
 * What a level stands for. A false alarm costs an hour of somebody's time, a change that is told late costs the users of a flow:
 * a factor of ten in the budget is worth a few executions of delay, see `config explain`.
 */
export const SENSITIVITY_LEVELS: Readonly<
  Record<SensitivityLevel, Pick<DetectionSettings, 'falseAlarmBudgetExecutions' | 'alertThreshold'>>
> = {
  low: { falseAlarmBudgetExecutions: 100_000, alertThreshold: 0.2 },
  medium: { falseAlarmBudgetExecutions: 10_000, alertThreshold: 0.1 },
  high: { falseAlarmBudgetExecutions: 1_000, alertThreshold: 0.05 },
}

/** In the order of the documentation. */
export const detectionSettings: readonly DetectionSetting[] = [
  {
    name: 'enableDetection',
    value: { kind: 'boolean' },
    default: true,
    unit: undefined,
    sentence:
      'Whether changes and anomalies are looked for; bottlenecks and figures are there without.',
  },
  {
    name: 'sensitivityLevel',
    value: { kind: 'choice', of: Object.keys(SENSITIVITY_LEVELS) },
    default: 'medium',
    unit: undefined,
    sentence: `How soon to tell how little: ${levelWords()}.`,
  },
  {
    name: 'falseAlarmBudgetExecutions',
    value: { kind: 'whole', min: 1, max: 1e9 },
    default: undefined,
    unit: 'executions',
    sentence:
      'At most one false alarm in this many executions of a flow, over all its steps and metrics; by default that of the level.',
  },
  {
    name: 'alertThreshold',
    value: { kind: 'number', min: 0, max: 100 },
    default: undefined,
    unit: 'ratio',
    sentence:
      'Smallest relative change worth an alarm, and of an error rate the smallest difference; by default that of the level.',
  },
  {
    name: 'minSampleSize',
    value: { kind: 'whole', min: 1, max: 1e6 },
    default: 30,
    unit: 'executions',
    sentence: 'Executions of a flow that are learned before any is judged.',
  },
  {
    name: 'windowSize',
    value: { kind: 'whole', min: 5, max: 64 },
    default: 20,
    unit: 'executions',
    sentence:
      'Newest executions that stand for the present: a change is over when they are back at the level before it.',
  },
]

/** The settings in force. Throws `RangeError` naming the one that cannot be used. */
export function resolveDetection(options: Partial<DetectionSettings>): DetectionSettings {
  for (const setting of detectionSettings) {
    const given = options[setting.name]
    const expected = given === undefined ? undefined : refuseDetection(setting, given)
    if (expected !== undefined)
      throw new RangeError(`${setting.name}: expected ${expected}, found ${String(given)}`)
  }
  const level = options.sensitivityLevel ?? 'medium'
  const { falseAlarmBudgetExecutions, alertThreshold } = SENSITIVITY_LEVELS[level]
  return {
    enableDetection: options.enableDetection ?? true,
    sensitivityLevel: level,
    falseAlarmBudgetExecutions: options.falseAlarmBudgetExecutions ?? falseAlarmBudgetExecutions,
    alertThreshold: options.alertThreshold ?? alertThreshold,
    minSampleSize: options.minSampleSize ?? 30,
    windowSize: options.windowSize ?? 20,
  }
}

/** Says what was expected of a value that will not do; nothing when it will. */
export function refuseDetection({ value }: DetectionSetting, given: unknown): string | undefined {
  switch (value.kind) {
    case 'boolean':
      return typeof given === 'boolean' ? undefined : 'true or false'
    case 'choice':
      return value.of.includes(String(given)) ? undefined : `one of ${value.of.join(', ')}`
    default: {
      const isWithin = typeof given === 'number' && given >= value.min && given <= value.max
      const isFit = isWithin && (value.kind === 'number' || Number.isInteger(given))
      const what = value.kind === 'whole' ? 'a whole number' : 'a number'
      return isFit ? undefined : `${what} from ${value.min} to ${value.max}`
    }
  }
}

function levelWords(): string {
  return Object.entries(SENSITIVITY_LEVELS)
    .map(([level, { falseAlarmBudgetExecutions, alertThreshold }]) => {
      const budget = falseAlarmBudgetExecutions.toLocaleString('en')
      return `${level} is one false alarm in ${budget} and changes of ${alertThreshold * 100} %`
    })
    .join(', ')
}
