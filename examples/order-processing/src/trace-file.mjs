/**
 * The smallest OTLP backend there is: the collector forwards to it, and it appends the bodies of traces to a file. OTLP protobuf
 * bodies one behind the other are one, so `qflow-otel analyze`, `why` and `export` read the file as it is.
 */
import { once } from 'node:events'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

/** Hours of this shop; what comes later is not kept. */
const MAX_FILE_BYTES = 256 * 1024 * 1024

/** Where to forward to, and how to end. Throws where the file cannot be written. */
export async function startTraceFile(file, say) {
  const fd = openSync(file, 'w')
  let fileBytes = 0
  const keep = (body) => {
    if (fileBytes >= MAX_FILE_BYTES) return
    writeFileSync(fd, body)
    fileBytes += body.length
    if (fileBytes >= MAX_FILE_BYTES) say(`${file} is full; later traces are not in it`)
  }
  const server = createServer((request, response) => {
    answer(request, keep)
      .then((status) => response.writeHead(status, { 'content-type': PROTOBUF }).end())
      .catch((error) => {
        say(`${file} was not written: ${error.message}`)
        response.writeHead(500).end()
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close()
      server.closeAllConnections()
      closeSync(fd)
    },
  }
}

const PROTOBUF = 'application/x-protobuf'

/** Metrics and logs are taken and not kept: what `analyze` reads are spans. */
async function answer(request, keep) {
  const body = await buffer(request)
  if (request.url !== '/v1/traces') return 200
  if (request.headers['content-type'] !== PROTOBUF) return 415
  keep(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
  return 200
}
