import { type Claim, holds, type SectionResult, type StudyTable } from './section.ts'

/** One section in markdown. */
export function sectionText(name: string, { method, tables, claims }: SectionResult): string {
  return [`## ${name}`, method, claimsTable(claims), ...tables.map(tableText)].join('\n\n')
}

function claimsTable(claims: readonly Claim[]): string {
  const rows = claims.map((claim) => [
    claim.sentence,
    `${claim.side} ${figure(claim.bound)}`,
    figure(claim.measured),
    holds(claim) ? 'holds' : '**broken**',
  ])
  return markdown(['claim', 'bound', 'measured', ''], rows)
}

function tableText({ title, head, rows }: StudyTable): string {
  return `${title}\n\n${markdown(head, rows)}`
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

/** Three significant digits: no simulation here knows more. */
export function figure(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '–'
}
