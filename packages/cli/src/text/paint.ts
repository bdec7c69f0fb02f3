import type { Line, Tone } from './line.ts'

/** SGR parameters: the eight basic colours only, which every palette keeps readable. */
const SGR: Readonly<Record<Tone, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  good: '32',
  bad: '31',
  warn: '33',
  accent: '36',
}

/** Lines as the terminal takes them, each ended by a line feed. Escape sequences come from here alone. */
export function paint(lines: readonly Line[], look: { colour: boolean }): string {
  return lines.map((line) => `${look.colour ? coloured(line) : bare(line)}\n`).join('')
}

function bare(line: Line): string {
  return line
    .map(({ text }) => text)
    .join('')
    .trimEnd()
}

function coloured(line: Line): string {
  return line
    .map(({ text, tone }) => (SGR[tone] === '' ? text : `\x1b[${SGR[tone]}m${text}\x1b[0m`))
    .join('')
}
