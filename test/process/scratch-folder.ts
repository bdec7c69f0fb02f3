import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A folder for one test file's inputs. */
export function scratchFolder(): {
  write(name: string, content: string | Buffer): string
  readonly path: string
  remove(): void
} {
  const folder = mkdtempSync(path.join(tmpdir(), 'qflow-otel-test-'))
  return {
    path: folder,
    write(name, content) {
      const file = path.join(folder, name)
      writeFileSync(file, content)
      return file
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
