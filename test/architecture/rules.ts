import type { Import } from './imports.ts'

/** Everything a package's sources may import besides their own files. An import that is not listed fails. */
export const allowedImports: Readonly<Record<string, RegExp>> = {
  semconv: /^$/,
  instrumentation: /^@qflow-otel\/semconv$|^@opentelemetry\/(api|api-logs|instrumentation)$|^node:/,
  analyzer: /^@qflow-otel\/semconv$|^simple-statistics$/,
  profiler: /^@qflow-otel\/(analyzer|semconv)$|^@opentelemetry\/(api|api-logs)$|^node:/,
  collector: /^@qflow-otel\/(analyzer|semconv)$|^@opentelemetry\/|^node:/,
  dashboard: /^@qflow-otel\/analyzer$|^preact(\/|$)/,
  cli: /^@qflow-otel\/(analyzer|collector)$|^node:/,
}

/** The analyzer's stages, lowest first: a stage imports itself and what stands before its own row. */
const analyzerStages: readonly (readonly string[])[] = [
  ['time', 'stats'],
  ['otlp', 'trace'],
  ['path'],
  ['baseline'],
  ['detect'],
  ['explain'],
  ['recommend'],
  ['optimize'],
]

/** Imports that the architecture does not allow, each with the reason. */
export function violations(imports: readonly Import[]): string[] {
  return imports.flatMap((one) => {
    const reason = refusal(one)
    return reason === undefined ? [] : [`${one.from} imports ${one.to}: ${reason}`]
  })
}

function refusal({ from, to }: Import): string | undefined {
  const home = packageOf(from)
  if (!to.startsWith('packages/')) {
    const isAllowed = allowedImports[home]?.test(to) ?? false
    return isAllowed ? undefined : `${home} may not import it`
  }
  if (!to.startsWith(`packages/${home}/src/`)) return 'a relative import leaves its package'
  return home === 'analyzer' ? stageRefusal(from, to) : undefined
}

function stageRefusal(from: string, to: string): string | undefined {
  const fromStage = stageOf(from)
  const toStage = stageOf(to)
  // Files beside the folders (facade, report) stand above all stages.
  if (fromStage === undefined) return undefined
  if (toStage === undefined) return 'a stage may not import what stands above it'
  if (fromStage === toStage) return undefined
  const [fromRow, toRow] = [rowOf(fromStage), rowOf(toStage)]
  if (fromRow < 0 || toRow < 0) return `${fromRow < 0 ? fromStage : toStage} is not a stage`
  // `otlp, trace` share a row: trace reads what otlp decoded, never the other way round.
  if (fromRow === toRow) {
    const row = analyzerStages[fromRow] ?? []
    return row.indexOf(toStage) < row.indexOf(fromStage)
      ? undefined
      : 'a lower stage imports a higher one'
  }
  return toRow < fromRow ? undefined : 'a lower stage imports a higher one'
}

function packageOf(file: string): string {
  return file.split('/')[1] ?? ''
}

function stageOf(file: string): string | undefined {
  const parts = file.split('/')
  return parts.length > 4 ? parts[3] : undefined
}

function rowOf(stage: string): number {
  return analyzerStages.findIndex((row) => row.includes(stage))
}
