import { type AnalyzerOptions, detectionSettings } from '@qflow-otel/analyzer'
import {
  detectionOf,
  resolveSettings,
  SettingError,
  type SettingName,
  settingDefinitions,
} from '@qflow-otel/collector'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import type { Option } from './option.ts'
import type { Parsed } from './parse-options.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The collector's settings that say how to judge: files are judged by the same. */
const ANALYSIS_SETTINGS: readonly SettingName[] = [
  ...detectionSettings.map(({ name }) => name),
  'memoryBudgetBytes',
]

/** All of the collector's settings as options. */
export const collectorOptions: readonly Option[] = settingDefinitions.map(optionOf)

/** Those of them that files are judged by. */
export const analysisOptions: readonly Option[] = settingDefinitions
  .filter(({ name }) => ANALYSIS_SETTINGS.includes(name))
  .map(optionOf)

/** What flags and environment say, by the collector's own rules. Throws `Failure`. */
export function settingsFrom(parsed: Parsed, env: Env): ReturnType<typeof resolveSettings> {
  const flags = Object.fromEntries(
    collectorOptions.flatMap(({ name }) => {
      const text = parsed.values.get(name)?.at(-1)
      return text === undefined ? [] : [[`--${name}`, text]]
    }),
  )
  try {
    return resolveSettings({ flags, env })
  } catch (error) {
    if (!(error instanceof SettingError)) throw error
    throw new Failure({ code: EXIT.usage, message: error.message })
  }
}

/** The analyzer's part of `settingsFrom`. */
export function analyzerOptionsFrom(
  parsed: Parsed,
  env: Env,
): AnalyzerOptions & { readonly memoryBudgetBytes: number } {
  const settings = settingsFrom(parsed, env)
  return { ...detectionOf(settings), memoryBudgetBytes: settings.memoryBudgetBytes }
}

function optionOf(setting: (typeof settingDefinitions)[number]): Option {
  const fallback = setting.default
  const isEmpty =
    fallback === undefined ||
    (typeof fallback === 'object' && Object.keys(fallback ?? {}).length === 0)
  return {
    name: setting.flag.slice(2),
    value: (setting.unit ?? setting.name.replace(/.*(?=[A-Z])/, '')).toUpperCase(),
    sentence: setting.sentence,
    variable: setting.variable,
    ...(isEmpty ? {} : { default: String(fallback) }),
  }
}
