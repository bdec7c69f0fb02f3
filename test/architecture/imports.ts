import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** One import of a source file. `from` and a relative `to` are paths from the repository's root. */
export interface Import {
  readonly from: string
  readonly to: string
}

/** Every import of every source file (tests and benches aside) of the packages below `root`. */
export function readImports(root: string): Import[] {
  return sourceFiles(root).flatMap((from) =>
    importsOf(from, readFileSync(path.join(root, from), 'utf8')),
  )
}

export function importsOf(from: string, source: string): Import[] {
  const pattern =
    /(?:^|[\s;}])(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])([^'"]+)\1|\bimport\s*\(?\s*(['"])([^'"]+)\3/g
  return [...source.matchAll(pattern)].map((match) => {
    const to = match[2] ?? match[4] ?? ''
    return { from, to: to.startsWith('.') ? path.posix.join(path.posix.dirname(from), to) : to }
  })
}

function sourceFiles(root: string): string[] {
  return readdirSync(path.join(root, 'packages'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /^[^/]+\/src\/.*\.tsx?$/.test(file) && !/\.(test|bench)\.tsx?$/.test(file))
    .map((file) => `packages/${file}`)
    .sort()
}
