import { isObject } from './qflow-surface.ts'
import type { QflowInstrumentationConfig } from './types.ts'

/** A text to be equal to, or a pattern to fit. */
export type Pattern = string | RegExp

export type Complain = (message: string) => void

type Name = keyof QflowInstrumentationConfig

/** Reads single settings: from code, else from the environment, else the default. A wrong value is named and left out. */
export interface SettingReader {
  flag(name: Name, variable: string, fallback: boolean): boolean
  /** The environment alone decides. */
  environmentFlag(name: Name, variable: string, fallback: boolean): boolean
  texts(name: Name, variable: string, fallback: readonly string[]): readonly string[]
  patterns(name: Name, variable: string): readonly Pattern[]
  /** The first choice is the default. */
  choice<T extends string>(name: Name, variable: string, choices: readonly [T, ...T[]]): T
  /** Bounds included. */
  number(
    name: Name,
    variable: string,
    fallback: number,
    bounds: readonly [low: number, high: number],
  ): number
  /** Only code can give one. */
  hook<N extends 'executionHook' | 'stepHook'>(name: N): QflowInstrumentationConfig[N] | undefined
  /** An object of a class of this package, known by its method. Only code can give one. */
  ours<N extends 'metricProducer' | 'spanProcessor'>(
    name: N,
    method: string,
    expected: string,
  ): QflowInstrumentationConfig[N] | undefined
}

export function createSettingReader(
  config: QflowInstrumentationConfig,
  env: (variable: string) => string | undefined,
  complain: Complain,
): SettingReader {
  // Plain JavaScript may give anything, whatever the types say.
  const given = (name: Name): unknown => config[name]
  const wrong = (name: Name, expected: string, found: unknown, fallback: unknown) =>
    complain(`${name}: expected ${expected}, found ${show(found)}; ${show(fallback)} holds`)
  const asFlag = (name: Name, value: unknown, fallback: boolean): boolean => {
    const text = typeof value === 'string' ? value.toLowerCase() : value
    if (text === undefined) return fallback
    if (text === true || text === 'true') return true
    if (text === false || text === 'false') return false
    wrong(name, 'true or false', value, fallback)
    return fallback
  }
  const asList = <T>(
    name: Name,
    variable: string,
    { fallback, expected, is }: ListRule<T>,
  ): readonly T[] => {
    const value = given(name) ?? listIn(env(variable))
    if (value === undefined) return fallback
    if (Array.isArray(value) && value.every(is)) return value
    wrong(name, expected, value, fallback)
    return fallback
  }
  return {
    flag: (name, variable, fallback) => asFlag(name, given(name) ?? env(variable), fallback),
    environmentFlag: (name, variable, fallback) => asFlag(name, env(variable), fallback),
    texts: (name, variable, fallback) =>
      asList(name, variable, { fallback, expected: 'a list of texts', is: isText }),
    patterns: (name, variable) =>
      asList(name, variable, { fallback: [], expected: patternRule, is: isPattern }),
    choice(name, variable, choices) {
      const value = given(name) ?? env(variable)
      const found = choices.find((choice) => choice === value)
      const [fallback] = choices
      if (value !== undefined && found === undefined) {
        wrong(name, choices.join(', '), value, fallback)
      }
      return found ?? fallback
    },
    number(name, variable, fallback, [low, high]) {
      const value = given(name) ?? env(variable)
      if (value === undefined) return fallback
      const number = typeof value === 'string' ? Number(value) : value
      if (typeof number === 'number' && number >= low && number <= high) return number
      wrong(name, `a number from ${low} to ${high}`, value, fallback)
      return fallback
    },
    hook(name) {
      const value = config[name]
      if (value === undefined || typeof value === 'function') return value
      wrong(name, 'a function', value, 'none')
      return undefined
    },
    ours(name, method, expected) {
      const value = config[name]
      // Not by its class, which another copy of this package (CommonJS beside ESM) has as well.
      if (value === undefined || (isObject(value) && typeof value[method] === 'function')) {
        return value
      }
      wrong(name, expected, value, 'none')
      return undefined
    },
  }
}

interface ListRule<T> {
  readonly fallback: readonly T[]
  readonly expected: string
  readonly is: (value: unknown) => value is T
}

const patternRule = 'a list of texts and regular expressions'

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isPattern(value: unknown): value is Pattern {
  return typeof value === 'string' || value instanceof RegExp
}

function listIn(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : `[${value.map(show).join(', ')}]`
  return typeof value === 'object' ? 'an object' : String(value)
}
