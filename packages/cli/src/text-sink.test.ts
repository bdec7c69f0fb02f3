import { PassThrough, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { EXIT } from './exit-code.ts'
import { memoryTerminal } from './memory-terminal.ts'
import { reportLostOutput } from './run.ts'
import { streamSink } from './text-sink.ts'

/** A standard output whose every write ends in this error. */
function failing(code: string): NodeJS.WriteStream {
  const stream = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(`${code}: write`), { code })),
  })
  // A sink uses of it what every writable stream has.
  return stream as unknown as NodeJS.WriteStream
}

test('a full disk is a failure that is said, with a code of its own', async () => {
  const out = streamSink(failing('ENOSPC'))
  out.write('much')
  await out.flush()
  await out.gone
  out.write('more')
  expect(out.failure).toBe('ENOSPC: write')
  const terminal = memoryTerminal()
  expect(reportLostOutput({ ...terminal, out })).toBe(EXIT.outputFailed)
  expect(terminal.errText()).toBe('qflow-otel: cannot write the output: ENOSPC: write\n')
})

test('a reader that goes away is none', async () => {
  const out = streamSink(failing('EPIPE'))
  out.write('much')
  await out.gone
  expect(out.failure).toBeUndefined()
  expect(reportLostOutput({ ...memoryTerminal(), out })).toBeUndefined()
})

test('what is written arrives', async () => {
  const stream = new PassThrough()
  // As above.
  const out = streamSink(stream as unknown as NodeJS.WriteStream)
  out.write('all')
  await out.flush()
  expect(stream.read()?.toString()).toBe('all')
})
