import { createServer } from 'node:http'

/** Takes OTLP and drops it, in a process of its own. Tells its parent the port and ends with it. */
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () =>
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(),
  )
})
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit())
