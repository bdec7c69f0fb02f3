import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { collected } from './collected.ts'
import { openBytes } from './open-bytes.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'qflow-otel-bytes-'))
afterAll(() => rmSync(folder, { recursive: true }))

const text = '{"resourceSpans":[]}\n'.repeat(50_000)

async function contentOf(bytes: Buffer): Promise<{ content: string; readBytes: number }> {
  const file = path.join(folder, 'input')
  writeFileSync(file, bytes)
  return open(file, Readable.from([]))
}

async function open(
  name: string,
  stdin: Readable,
): Promise<{ content: string; readBytes: number }> {
  let readBytes = 0
  const onRead = (count: number) => {
    readBytes += count
  }
  const chunks = await collected(openBytes(name, { stdin, onRead }))
  return { content: Buffer.concat(chunks).toString('utf8'), readBytes }
}

test('plain, gzip and several gzip members read alike', async () => {
  const half = text.length / 2
  const members = Buffer.concat([gzipSync(text.slice(0, half)), gzipSync(text.slice(half))])
  for (const bytes of [Buffer.from(text), gzipSync(text), members]) {
    const { content, readBytes } = await contentOf(bytes)
    expect(content === text).toBe(true)
    expect(readBytes).toBe(bytes.length)
  }
})

test('the standard input, in chunks of one byte', async () => {
  const stdin = Readable.from([...gzipSync('{}')].map((byte) => Buffer.from([byte])))
  expect((await open('-', stdin)).content).toBe('{}')
})

test('a short input stays what it is', async () => {
  expect((await contentOf(Buffer.from('{'))).content).toBe('{')
  expect((await contentOf(Buffer.alloc(0))).content).toBe('')
})

test.each([
  ['truncated gzip', gzipSync(text).subarray(0, -20), 'a complete gzip stream'],
  ['damaged gzip', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]), 'a complete gzip stream'],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), 'plain or gzip data'],
])('%s', async (_name, bytes, message) => {
  await expect(contentOf(bytes)).rejects.toThrow(message)
})

test('a missing file and a directory are said in words', async () => {
  const stdin = Readable.from([])
  await expect(open(path.join(folder, 'none'), stdin)).rejects.toThrow('no such file')
  await expect(open(folder, stdin)).rejects.toThrow('a directory')
})
