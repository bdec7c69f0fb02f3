/** Payment provider and warehouse: small HTTP services in this process that answer after a stated time. */
import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * Starts the partners on a free port of 127.0.0.1.
 * @returns {Promise<{ url: string, latencyMs: Record<string, number>, close(): Promise<void> }>}
 * `latencyMs` may be changed while they run.
 */
export async function startPartners() {
  const latencyMs = { '/payments': 60, '/stock': 40, '/labels': 50 }
  const server = createServer(async (request, response) => {
    request.resume()
    await wait(latencyMs[request.url] ?? 0)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ accepted: true, path: request.url }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  return { url: `http://127.0.0.1:${port}`, latencyMs, close: () => closeServer(server) }
}

function closeServer(server) {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
}
