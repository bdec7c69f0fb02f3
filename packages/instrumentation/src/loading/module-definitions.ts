import path from 'node:path'
import {
  type InstrumentationModuleDefinition,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation'
import type { Attachment } from '../attachment.ts'
import { isObject } from '../qflow-surface.ts'
import { type EngineExport, engineFiles, mainExports, mainFile } from './engine-files.ts'
import { findSymlinkedFiles } from './symlinked-files.ts'

/** Line of versions the hooks were written for; others are tried and named. */
const testedMajor = /^0\./

/** A symlinked package passes no version, so the range has to accept any. */
const anyVersion = ['*']

export interface DefinitionOptions {
  readonly packageNames: readonly string[]
  readonly attachment: () => Attachment
  readonly warn: (message: string) => void
}

/**
 * Three ways to the same methods: the package's main entry, its files, and its files under their real paths, for a package
 * that is symlinked into node_modules. Several of them fire for one import; wrapping does not mind.
 */
export function moduleDefinitions(options: DefinitionOptions): InstrumentationModuleDefinition[] {
  return options.packageNames.flatMap((name) => [
    packageDefinition(name, options),
    ...symlinkDefinitions(name, options),
  ])
}

function packageDefinition(
  packageName: string,
  options: DefinitionOptions,
): InstrumentationModuleDefinition {
  const attach = attacher(options)
  const files = engineFiles.map(({ path: file, exports }) =>
    fileDefinition(path.normalize(`${packageName}/${file}`), attach(exports), options),
  )
  // After a deep import the main entry itself arrives as a file.
  const main = path.normalize(`${packageName}/${mainFile}`)
  files.push(fileDefinition(main, attach(mainExports), options))
  const patch = (moduleExports: unknown, version?: string) => {
    if (version !== undefined && !testedMajor.test(version)) {
      options.warn(
        `${packageName} ${version}: expected 0.x, instrumented by its surface all the same`,
      )
    }
    return attach(mainExports)(moduleExports)
  }
  return new InstrumentationNodeModuleDefinition(
    packageName,
    anyVersion,
    patch,
    detacher(options),
    files,
  )
}

/** Named by their absolute path, which the loader calls back with their base name. */
function symlinkDefinitions(
  packageName: string,
  options: DefinitionOptions,
): InstrumentationModuleDefinition[] {
  const attach = attacher(options)
  const wanted = new Map(engineFiles.map(({ path: file, exports }) => [file, exports]))
  wanted.set(mainFile, mainExports)
  return findSymlinkedFiles(packageName, [...wanted.keys()]).map(({ file, realPath }) => {
    const base = path.parse(realPath).name
    const patch = attach(wanted.get(file) ?? [])
    const definition = fileDefinition(base, patch, options)
    return new InstrumentationNodeModuleDefinition(realPath, anyVersion, undefined, undefined, [
      definition,
    ])
  })
}

function fileDefinition(
  name: string,
  patch: (moduleExports: unknown) => unknown,
  options: DefinitionOptions,
): InstrumentationNodeModuleFile {
  return new InstrumentationNodeModuleFile(name, anyVersion, patch, detacher(options))
}

/** Prototypes are wrapped, never exports: the engine's own modules use bindings of their own. */
function attacher({ attachment }: DefinitionOptions) {
  return (exports: readonly EngineExport[]) => (moduleExports: unknown) => {
    const found = isObject(moduleExports) ? moduleExports : {}
    for (const { target, className, singleton } of exports) {
      const exported = found[className]
      if (typeof exported === 'function') attachment().attach(target, exported.prototype)
      if (singleton !== undefined) attachment().attach(target, found[singleton])
    }
    return moduleExports
  }
}

/** The first file that is taken back takes back all: the same methods were reached by several ways. */
function detacher({ attachment }: DefinitionOptions) {
  return () => attachment().detachAll()
}
