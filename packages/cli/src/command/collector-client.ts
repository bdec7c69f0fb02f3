import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { isObject, type JsonObject } from '../json-object.ts'
import { visible } from '../text/visible.ts'
import { wholeAnswer } from './collector-answer.ts'

/** Where a collector is when nobody says. */
export const DEFAULT_COLLECTOR_URL = 'http://127.0.0.1:4318'
/** Far longer than an answer takes; after it whoever asked is told that none came. */
const TIMEOUT_MS = 15_000
/** An execution has bounded spans; more than this is no answer of a collector. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
const MAX_PROBLEM_LENGTH = 500

/** Throws `Failure` for what is no address of a collector. */
export function collectorBase(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text)
  throw new Failure({
    code: EXIT.usage,
    message: `--url: expected an http or https URL such as http://127.0.0.1:4318, found "${visible(text)}"`,
  })
}

/** One question or request, by its path below `api/v1/`. */
interface CollectorQuestion {
  readonly path: string
  readonly params?: Readonly<Record<string, string>>
  /** GET when absent. */
  readonly method?: 'POST'
}

/** Nothing when the collector does not know what was asked for. Throws `Failure` for what it refuses, with its words. */
export async function askCollector(
  base: URL,
  { path, params = {}, method }: CollectorQuestion,
): Promise<JsonObject | undefined> {
  const url = new URL(`api/v1/${path}`, base.href.endsWith('/') ? base : `${base.href}/`)
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  const { status, body } = await exchange(url, { base, method })
  const problem = problemOf(body)
  if (status === 404 && problem !== undefined) return undefined
  if (status === 200) return wholeAnswer(body, base)
  if ((status === 400 || status === 409) && problem !== undefined)
    throw new Failure({ code: EXIT.usage, message: visible(problem, MAX_PROBLEM_LENGTH) })
  throw new Failure({
    code: EXIT.connection,
    message: `${visible(base.href)} answered ${status} instead of an answer of a qflow-otel collector`,
    advice: ['Is it another program? Name the collector with --url URL.'],
  })
}

async function exchange(
  url: URL,
  { base, method = 'GET' }: { base: URL; method: 'GET' | 'POST' | undefined },
): Promise<{ status: number; body: string }> {
  try {
    const response = await fetch(url, {
      method,
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return { status: response.status, body: await boundedText(response) }
  } catch (error) {
    throw unreachable(base, error)
  }
}

async function boundedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let byteCount = 0
  for await (const chunk of body ?? []) {
    byteCount += chunk.length
    if (byteCount > MAX_ANSWER_BYTES)
      throw new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A refusal of the collector itself has its error form; any web server has a 404. */
function problemOf(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body)
    const error = isObject(value) && 'schemaVersion' in value ? value['error'] : undefined
    return isObject(error) && typeof error['message'] === 'string' ? error['message'] : undefined
  } catch {
    // No JSON is no answer of a collector; the caller says so.
    return undefined
  }
}

function unreachable(base: URL, error: unknown): Failure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  const reason = REASONS[code ?? ''] ?? (cause instanceof Error ? cause.message : String(cause))
  return new Failure({
    code: EXIT.connection,
    message: `no collector answers at ${visible(base.href)}: ${visible(reason, 200)}`,
    advice: [
      'Start one: qflow-otel serve',
      'Or name where it is: --url URL',
      'Or read files: qflow-otel analyze FILE…',
    ],
  })
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'unknown host',
  EHOSTUNREACH: 'host unreachable',
  ECONNRESET: 'connection closed',
}
