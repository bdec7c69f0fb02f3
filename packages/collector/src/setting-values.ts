import type { DetectionSetting } from '@qflow-otel/analyzer'

/** How a setting's text is read, and what is expected of its value. */
export interface SettingValue<Value> {
  /** Reads the text of a flag or variable. */
  readonly parse: (text: string) => Value
  /** Says what was expected when the value will not do; nothing when it will. */
  readonly refuse: (value: Value) => string | undefined
}

export function text(): SettingValue<string> {
  return {
    parse: (from) => from,
    refuse: (value) =>
      typeof value === 'string' && value.trim() !== '' ? undefined : 'a text that is not empty',
  }
}

export function optionalText(): SettingValue<string | undefined> {
  return {
    parse: (from) => from,
    refuse: (value) => text().refuse(value ?? ''),
  }
}

export function whole({ min, max }: { min: number; max: number }): SettingValue<number> {
  return {
    // Digits alone: `1e3` and `0x10` are more likely slips than meant.
    parse: (from) => (/^\d+$/.test(from.trim()) ? Number(from) : Number.NaN),
    refuse: (value) =>
      Number.isInteger(value) && value >= min && value <= max
        ? undefined
        : `a whole number from ${min} to ${max}`,
  }
}

/** Reads the text of a setting that the analyzer defines; what is none of its kind is refused after that. */
export function parserOf({ kind }: DetectionSetting['value']): (from: string) => unknown {
  if (kind === 'boolean') return (from) => ({ true: true, false: false })[from.trim()] ?? from
  if (kind === 'choice') return (from) => from.trim()
  if (kind === 'whole') return whole({ min: 0, max: 0 }).parse
  return (from) => (from.trim() === '' ? Number.NaN : Number(from))
}

export function refuseUrl(url: string | undefined): string | undefined {
  const expected = 'an http or https URL without query, e.g. http://backend:4318'
  if (typeof url !== 'string' || !URL.canParse(url)) return expected
  const { protocol, search, hash } = new URL(url)
  const isFit = /^https?:$/.test(protocol) && search === '' && hash === ''
  return isFit ? undefined : expected
}

export function parseHeaders(list: string): Readonly<Record<string, string>> {
  const pairs = list.split(',').flatMap((pair): [string, string][] => {
    if (pair.trim() === '') return []
    const split = pair.indexOf('=')
    // A pair without `=` becomes an empty name, which `refuseHeaders` refuses.
    return [[pair.slice(0, Math.max(split, 0)).trim(), decoded(pair.slice(split + 1).trim())]]
  })
  return Object.fromEntries(pairs)
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    // A stray percent sign: the value was not encoded.
    return value
  }
}

export function refuseHeaders(headers: Readonly<Record<string, string>>): string | undefined {
  const isFit = Object.entries(headers).every(
    ([name, value]) =>
      /^[!#$%&'*+.^_`|~\w-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value),
  )
  return isFit ? undefined : 'header names and values as name=value,name=value'
}
