import { fork } from 'node:child_process'
import { once } from 'node:events'

/**
 * Runs a measurement of this folder in a process of its own: the other one leaves hooks on promises, type feedback and a heap behind,
 * and the API looks all its globals up in a dictionary once one was taken back.
 */
export async function measureApart(file, options) {
  const child = fork(new URL(file, import.meta.url))
  child.send(options)
  const [result] = await Promise.race([once(child, 'message'), once(child, 'exit').then(failed)])
  return result

  function failed([code]) {
    throw new Error(`expected a result of ${file}, found the end of its process with code ${code}`)
  }
}

/** What such a file ends with. */
export function answerApart(measure) {
  process.once('message', async (options) => {
    process.send(await measure(options), () => process.disconnect())
  })
}
