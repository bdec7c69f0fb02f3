import { Readable } from 'node:stream'
import { decodeDocument } from './decode-document.ts'
import { readDocuments } from './documents.ts'
import { InputError } from './input-error.ts'
import { openBytes, STDIN_NAME } from './open-bytes.ts'

/**
 * Files in the order of their first spans, because a change has a before and an after whatever the names are.
 * The standard input cannot be looked into and read again; like a file without a time it comes last.
 */
export async function inTimeOrder(files: readonly string[]): Promise<readonly string[]> {
  if (files.length < 2) return files
  const timed: { file: string; startUnixNs: bigint | undefined }[] = []
  for (const file of files) timed.push({ file, startUnixNs: await firstStart(file) })
  const known = timed.filter(({ startUnixNs }) => startUnixNs !== undefined)
  const unknown = timed.filter(({ startUnixNs }) => startUnixNs === undefined)
  known.sort((a, b) => ((a.startUnixNs ?? 0n) < (b.startUnixNs ?? 0n) ? -1 : 1))
  return [...known, ...unknown].map(({ file }) => file)
}

async function firstStart(file: string): Promise<bigint | undefined> {
  if (file === STDIN_NAME) return undefined
  try {
    const bytes = openBytes(file, { stdin: Readable.from([]), onRead: () => {} })
    for await (const document of readDocuments(bytes)) {
      const [first] = decodeDocument(document).spans
      if (first !== undefined) return first.startUnixNs
    }
  } catch (error) {
    // What is wrong with the file is said when it is read.
    if (!(error instanceof InputError)) throw error
  }
  return undefined
}
