import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Beyond it, nobody gets in. */
export const MAX_CONNECTIONS = 1_024
/** From here on each new one lets go the one that has been idle longest. */
export const CROWDED_CONNECTIONS = 896
/** Requests that a connection may have waiting behind the one that is answered; who sends ahead sends a few. */
export const MAX_WAITING_REQUESTS = 16

export interface ConnectionCounts {
  readonly openCount: number
  /** Let go while idle, to make room for others. */
  readonly idleClosedCount: number
  /** Let go because too many requests waited on them. */
  readonly floodedCount: number
}

export type Handle = (request: IncomingMessage, response: ServerResponse) => void

interface Turn {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/**
 * Who is connected and whose turn it is. The requests of a connection are handled one at a time, each when the answer
 * before it has left: Node would hand on all that came at once, and their answers would wait in memory.
 */
export class Connections {
  readonly #handle: Handle
  /** What waits behind the request that is answered, by connection. */
  readonly #busy = new Map<Socket, Turn[]>()
  /** Connections that have sent no whole request head since they came or were answered, the longest first. */
  readonly #idle = new Set<Socket>()
  readonly #counts = { openCount: 0, idleClosedCount: 0, floodedCount: 0 }

  constructor(handle: Handle) {
    this.#handle = handle
  }

  get counts(): ConnectionCounts {
    return { ...this.#counts }
  }

  add(socket: Socket): void {
    this.#counts.openCount += 1
    if (this.#counts.openCount > CROWDED_CONNECTIONS) this.#makeRoom()
    this.#idle.add(socket)
    socket.once('close', () => {
      this.#counts.openCount -= 1
      this.#idle.delete(socket)
    })
  }

  /** Handles the request when its turn comes. */
  take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    // Of what was sent ahead of an end, the rest still arrives.
    if (!socket.writable) return
    const waiting = this.#busy.get(socket)
    if (waiting === undefined) {
      this.#idle.delete(socket)
      this.#busy.set(socket, [])
      this.#serve(socket, { request, response })
    } else if (waiting.length < MAX_WAITING_REQUESTS) {
      waiting.push({ request, response })
    } else {
      this.#counts.floodedCount += 1
      socket.destroy()
    }
  }

  #serve(socket: Socket, { request, response }: Turn): void {
    response.once('close', () => this.#next(socket))
    this.#handle(request, response)
  }

  #next(socket: Socket): void {
    const turn = socket.writable ? this.#busy.get(socket)?.shift() : undefined
    if (turn !== undefined) {
      this.#serve(socket, turn)
      return
    }
    this.#busy.delete(socket)
    if (socket.writable) this.#idle.add(socket)
  }

  #makeRoom(): void {
    const [longest] = this.#idle
    if (longest === undefined) return
    this.#counts.idleClosedCount += 1
    this.#idle.delete(longest)
    longest.destroy()
  }
}
