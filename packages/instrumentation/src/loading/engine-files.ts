import type { TargetName } from '../hooks/catalog.ts'

/** A file of the engine, the class it exports and the singleton beside it. */
export interface EngineFile {
  /** Below the package's folder, with forward slashes. */
  readonly path: string
  readonly exports: readonly EngineExport[]
}

export interface EngineExport {
  readonly target: TargetName
  readonly className: string
  readonly singleton: string | undefined
}

/** Where Qflow keeps what is hooked. */
export const engineFiles: readonly EngineFile[] = [
  file('dist/core/ExecutionEngine.js', 'executionEngine'),
  file('dist/core/ExecutionLedger.js', 'executionLedger'),
  file('dist/validation/UniversalValidationPipeline.js', 'universalValidationPipeline'),
  {
    path: 'dist/optimization/ResourcePoolManager.js',
    exports: [
      { target: 'resourcePoolManager', className: 'ResourcePoolManager', singleton: undefined },
      { target: 'resourcePool', className: 'ResourcePool', singleton: undefined },
    ],
  },
  file('dist/optimization/ParallelExecutionEngine.js', 'parallelExecutionEngine'),
  {
    path: 'dist/optimization/WasmRuntimePool.js',
    exports: [
      {
        target: 'wasmRuntimePoolManager',
        className: 'WasmRuntimePoolManager',
        singleton: 'wasmRuntimePoolManager',
      },
    ],
  },
  file('dist/governance/DAOSubnetService.js', 'daoSubnetService'),
  file('dist/billing/ResourceBillingService.js', 'resourceBillingService'),
  file('dist/webhooks/WebhookService.js', 'webhookService'),
]

/** The main entry, which re-exports the singletons it knows. */
export const mainFile = 'dist/index.js'

/** Everything the main entry may export. */
export const mainExports: readonly EngineExport[] = engineFiles.flatMap(({ exports }) => exports)

function file(path: string, target: TargetName): EngineFile {
  const className = target[0]?.toUpperCase() + target.slice(1)
  return { path, exports: [{ target, className, singleton: target }] }
}
