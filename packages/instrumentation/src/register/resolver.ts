import { createRequire } from 'node:module'
import path from 'node:path'

/** A module of the application, loaded on its behalf. */
export interface LoadedModule {
  readonly exports: Readonly<Record<string, unknown>>
  readonly path: string
}

export interface Resolver {
  /** The first of these packages that the application can resolve. */
  load(...names: string[]): LoadedModule | undefined
  /** A package that `from` depends on; the application itself need not know it. */
  loadFrom(from: LoadedModule, name: string): LoadedModule | undefined
}

/** Resolves as the application does: from its working folder, from its main script, and through the SDK bundle it may have. */
export function createResolver(): Resolver {
  const script = process.argv[1]
  const roots = [path.join(process.cwd(), 'x.js')]
  if (script !== undefined && path.isAbsolute(script)) roots.push(script)
  const bundle = firstLoadable(roots, '@opentelemetry/sdk-node', (require, name) =>
    require.resolve(name),
  )
  if (bundle !== undefined) roots.push(bundle)
  const load = (require: NodeJS.Require, name: string): LoadedModule => ({
    exports: require(name),
    path: require.resolve(name),
  })
  return {
    load(...names) {
      for (const name of names) {
        const found = firstLoadable(roots, name, load)
        if (found) return found
      }
      return undefined
    },
    loadFrom: (from, name) => firstLoadable([from.path, ...roots], name, load),
  }
}

function firstLoadable<T>(
  roots: readonly string[],
  name: string,
  load: (require: NodeJS.Require, name: string) => T,
): T | undefined {
  for (const root of roots) {
    try {
      return load(createRequire(root), name)
    } catch {
      // Not installed for this root, or not loadable on this Node: the next one may be.
    }
  }
  return undefined
}
