import type { Attribute, Registry } from './registry.ts'

/** docs/semconv.md: every name qflow-otel emits, as tables. */
export function semconvPage(registry: Registry): string {
  return [
    '<!-- Generated from packages/semconv/registry by `pnpm generate`; edit the registry instead. -->',
    '# Semantic conventions',
    '',
    'Every span, attribute, metric and event that qflow-otel emits. Names, units and types are checked by a contract test',
    'against telemetry of real runs. Identities and payloads are never recorded unless an allow-list names them.',
    '',
    '## Spans',
    '',
    table(
      ['name', 'kind', 'meaning', 'attributes'],
      registry.spans.map((span) => [
        code(span.name),
        span.kinds.join(', '),
        span.brief,
        span.attributes.map(code).join(' '),
      ]),
    ),
    '## Metrics',
    '',
    table(
      ['name', 'instrument', 'unit', 'meaning', 'attributes'],
      registry.metrics.map((metric) => [
        code(metric.name),
        metric.instrument,
        code(metric.unit),
        metric.brief,
        metric.attributes.map(code).join(' '),
      ]),
    ),
    '## Events',
    '',
    'Log records with an event name and the trace context.',
    '',
    table(
      ['name', 'meaning', 'attributes'],
      registry.events.map((event) => [
        code(event.name),
        event.brief,
        event.attributes.map(code).join(' '),
      ]),
    ),
    '## Attributes',
    '',
    ...registry.attributeGroups.flatMap((group) => [
      `### ${group.title}`,
      '',
      group.brief,
      '',
      table(
        ['name', 'type', 'meaning', 'example'],
        group.attributes.map((one) => [
          code(one.id),
          typeName(one),
          one.brief,
          code(JSON.stringify(one.examples[0])),
        ]),
      ),
    ]),
  ].join('\n')
}

function typeName({ type }: Attribute): string {
  return typeof type === 'string'
    ? type
    : type.members.map((member) => code(member.value)).join(', ')
}

/** In columns, as the formatter of the repository wants tables. */
function table(head: string[], rows: string[][]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((_, at) => Math.max(3, ...cells.map((row) => row[at]?.length ?? 0)))
  const line = (row: string[]) =>
    `| ${widths.map((width, at) => (row[at] ?? '').padEnd(width)).join(' | ')} |`
  const [first = head, ...rest] = cells
  const rule = line(widths.map((width) => '-'.repeat(width)))
  return [line(first), rule, ...rest.map(line), ''].join('\n')
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}
