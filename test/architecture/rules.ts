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

/** Stages that no other stage may import, with the highest stage that they may import. */
const sideStages: Readonly<Record<string, string>> = { export: 'path' }

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
  const highest = sideStages[fromStage]
  if (highest !== undefined) return sideStageRefusal({ fromStage, toStage, highest })
  if (toStage in sideStages) return `${toStage} stands beside the stages; none may import it`
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

function sideStageRefusal(side: {
  fromStage: string
  toStage: string
  highest: string
}): string | undefined {
  const { fromStage, toStage, highest } = side
  const row = rowOf(toStage)
  return row >= 0 && row <= rowOf(highest)
    ? undefined
    : `${fromStage} may import ${highest} and what is lower`
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
