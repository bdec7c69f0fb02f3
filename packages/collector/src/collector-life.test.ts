import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { send } from '../fixtures/http.ts'
import { oneExecution, protobuf } from '../fixtures/otlp.ts'
import { backend, closeAll, closeLater, start, until } from '../fixtures/start.ts'
import { startCollector } from './collector.ts'
import { FakeClock } from './fake-clock.ts'
import { PortInUseError } from './http/server.ts'
import { StateDirectoryInUseError } from './store/lock.ts'

test('a port in use is said in a type of its own', async () => {
  const { collector } = await start()
  const second = startCollector({ port: collector.port, clock: new FakeClock() })
  await expect(second).rejects.toThrow(PortInUseError)
  await expect(second).rejects.toThrow(`127.0.0.1:${collector.port}: expected a free port`)
})

test('a start that fails leaves nothing behind: no timer, no lock', async () => {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'qflow-otel-failed-'))
  closeLater({ close: async () => rmSync(stateDir, { recursive: true, force: true }) })
  const { collector } = await start()
  const clock = new FakeClock()
  const failing = startCollector({ port: collector.port, clock, stateDir })
  await expect(failing).rejects.toThrow(PortInUseError)
  expect(clock.timerCount).toBe(0)
  const { collector: second } = await start({ stateDir })
  await expect(startCollector({ port: 0, clock, stateDir })).rejects.toThrow(
    StateDirectoryInUseError,
  )
  expect(second.health().status).toBe('ok')
})

test('a host that cannot be listened on is named', async () => {
  const failing = startCollector({ host: '203.0.113.1', port: 0, clock: new FakeClock() })
  await expect(failing).rejects.toThrow('203.0.113.1:0: expected an address to listen on')
})

test('closing is final, idempotent, and leaves nothing behind', async () => {
  const before = handles()
  const { collector, url, clock } = await start({ forwardUrl: (await backend()).url })
  await send(url, '/v1/traces', { headers: protobuf, body: oneExecution })
  await Promise.all([collector.close(), collector.close()])
  await expect(send(url, '/health')).rejects.toThrow('ECONNREFUSED')
  expect(clock.timerCount).toBe(0)
  await closeAll()
  await until(() => handles() <= before)
})

function handles(): number {
  const kinds = /^(TCP|Timeout|FSReq|HTTP)/
  return process.getActiveResourcesInfo().filter((kind) => kinds.test(kind)).length
}
