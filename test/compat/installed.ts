import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const cacheHome = process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache')
const cache = path.join(cacheHome, 'qflow-otel')

/** Pinned, so that a run today and a run next year test the same. */
const NODE_VERSIONS = { '24': '24.21.0', newest: '26.10.0' } as const

export type NodeVersion = 'current' | keyof typeof NODE_VERSIONS

/**
 * The Node that runs the tests, or another one from npm, installed once into a cache outside the repository.
 * The package behind `node@24` is taken directly: the outer one needs an install script to fetch it.
 */
export function nodeBinary(version: NodeVersion): string {
  if (version === 'current') return process.execPath
  const name = `node-${process.platform}-${process.arch}`
  const installed = installPackages({ [name]: NODE_VERSIONS[version] })
  return path.join(installed, 'node_modules', name, 'bin', 'node')
}

/** Installs a set of pinned packages once; a finished install appears at once or not at all. Returns its folder. */
export function installPackages(dependencies: Readonly<Record<string, string>>): string {
  const manifest = JSON.stringify({ private: true, dependencies }, undefined, 2)
  const id = createHash('sha256').update(manifest).digest('hex').slice(0, 12)
  const installed = path.join(cache, `npm-${id}`)
  if (existsSync(installed)) return installed
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(path.join(cache, 'npm-new-'))
  writeFileSync(path.join(folder, 'package.json'), manifest)
  // npm runs on this Node; what it installs may ask for a newer one that is installed with it.
  const args = ['install', '--no-audit', '--no-fund', '--engine-strict=false', '--loglevel=error']
  try {
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
    publish(folder, installed)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return installed
}

/** Another test file may have finished the same install meanwhile: then its folder stays, which is as good. */
function publish(folder: string, installed: string): void {
  try {
    renameSync(folder, installed)
  } catch (fault) {
    if (!existsSync(installed)) throw fault
  }
}
