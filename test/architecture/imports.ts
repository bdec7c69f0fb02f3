import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** One import of a source file. `from` and a relative `to` are paths from the repository's root. */
export interface Import {
  readonly from: string
  readonly to: string
}

/** Where a package is entered; what these reach is what is published. */
const entryPattern = /^packages\/[^/]+\/src\/(index|register|main)\.tsx?$/

/**
 * Every import of every source file that the packages below `root` publish: what their entries reach. Tests, benches
 * and what only those use are no part of a package.
 */
export function readImports(root: string): Import[] {
  const files = new Set(sourceFiles(root))
  const found: Import[] = []
  const reached = new Set([...files].filter((file) => entryPattern.test(file)))
  // A set that grows while it is walked visits what was added.
  for (const from of reached) {
    const imports = importsOf(from, readFileSync(path.join(root, from), 'utf8'))
    found.push(...imports)
    for (const { to } of imports) if (files.has(to)) reached.add(to)
  }
  return found
}

export function importsOf(from: string, source: string): Import[] {
  const pattern =
    /(?:^|[\s;}])(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])([^'"\s]+)\1|\bimport\s*\(?\s*(['"])([^'"\s]+)\3/g
  return [...source.matchAll(pattern)].map((match) => {
    const to = match[2] ?? match[4] ?? ''
    return { from, to: to.startsWith('.') ? path.posix.join(path.posix.dirname(from), to) : to }
  })
}

function sourceFiles(root: string): string[] {
  return readdirSync(path.join(root, 'packages'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /^[^/]+\/src\/.*\.tsx?$/.test(file))
    .map((file) => `packages/${file}`)
}
