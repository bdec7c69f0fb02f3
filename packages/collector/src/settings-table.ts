import { settingDefinitions } from './config.ts'

/** The settings as a Markdown table, as it stands in the README. */
export function settingsTable(): string {
  const rows = settingDefinitions.map(({ flag, variable, default: value, unit, sentence }) =>
    [`\`${flag}\``, `\`${variable}\``, shown(value, unit), sentence].join(' | '),
  )
  return ['flag | variable | default | meaning', '--- | --- | --- | ---', ...rows]
    .map((row) => `| ${row} |`)
    .join('\n')
}

const MIB = 1024 * 1024

function shown(value: unknown, unit: string | undefined): string {
  if (typeof value === 'string') return `\`${value}\``
  if (typeof value === 'boolean') return `\`${value}\``
  if (typeof value !== 'number') return ''
  if (unit === undefined || unit === 'ratio') return String(value)
  if (unit === 'bytes' && value % MIB === 0) return `${value / MIB} MiB`
  return `${value.toLocaleString('en-GB')} ${unit}`
}
