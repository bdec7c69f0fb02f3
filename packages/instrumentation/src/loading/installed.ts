import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { isObject } from '../qflow-surface.ts'

/** Whether the application can resolve a package. */
export function findInstalled(packageName: string): boolean {
  try {
    createRequire(path.join(process.cwd(), 'x.js')).resolve(packageName)
    return true
  } catch {
    return false
  }
}

/** Version of the package that a folder belongs to: that of the nearest package.json with one. */
export function findPackageVersion(folder: string): string | undefined {
  for (let at = folder; ; at = path.dirname(at)) {
    const version = versionIn(path.join(at, 'package.json'))
    if (version !== undefined || at === path.dirname(at)) return version
  }
}

function versionIn(file: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
    const version = isObject(manifest) ? manifest['version'] : undefined
    return typeof version === 'string' ? version : undefined
  } catch {
    // No package.json here, or not one: look further up.
    return undefined
  }
}
