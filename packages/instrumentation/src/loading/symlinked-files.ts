import { createRequire } from 'node:module'
import path from 'node:path'

/** A file of the engine that lies outside node_modules. */
export interface SymlinkedFile {
  readonly file: string
  readonly realPath: string
}

/**
 * Real paths of the engine's files where the package is symlinked into node_modules (workspace, npm link, `file:`): the
 * loader knows such files by their real path alone. Looks from the working folder and from the main script.
 */
export function findSymlinkedFiles(packageName: string, files: readonly string[]): SymlinkedFile[] {
  const found = new Map<string, SymlinkedFile>()
  for (const start of startFolders()) {
    const require = createRequire(path.join(start, 'x.js'))
    for (const file of files) {
      const realPath = resolve(require, `${packageName}/${file}`)
      if (realPath === undefined || isInside(realPath, packageName)) continue
      found.set(realPath, { file, realPath })
    }
  }
  return [...found.values()]
}

function startFolders(): string[] {
  const script = process.argv[1]
  const folders = [process.cwd()]
  if (script !== undefined && path.isAbsolute(script)) folders.push(path.dirname(script))
  return folders
}

function resolve(require: NodeJS.Require, request: string): string | undefined {
  try {
    return require.resolve(request)
  } catch {
    // Not installed here, or a fork without this file: nothing to patch.
    return undefined
  }
}

function isInside(realPath: string, packageName: string): boolean {
  const folder = path.join('node_modules', ...packageName.split('/'))
  return realPath.includes(`${path.sep}${folder}${path.sep}`)
}
