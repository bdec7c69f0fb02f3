import { closeSync, openSync, writeSync } from 'node:fs'
import { EXIT } from './exit-code.ts'
import { Failure } from './failure.ts'
import { visible } from './text/visible.ts'

/** Writes a file, over what was there. Throws `Failure` when it cannot be written whole. */
export function writeOutputFile(file: string, content: string): void {
  try {
    const descriptor = openSync(file, 'w')
    try {
      // A device may take less than it is given; a disk that is full says so.
      const bytes = Buffer.from(content)
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Failure({
      code: EXIT.outputFailed,
      message: `cannot write ${visible(file)}: ${visible(reason, 200)}`,
    })
  }
}
