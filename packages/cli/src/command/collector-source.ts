import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import type { JsonObject } from '../json-object.ts'
import { visible } from '../text/visible.ts'
import { type AnswerSource, MAX_KNOWN_EXECUTIONS } from './answer-source.ts'
import { answerOf, executionOf, idsOf, wholeAnswer } from './collector-answer.ts'

/** Far longer than an answer takes; after it whoever asked is told that none came. */
const TIMEOUT_MS = 15_000
/** An execution has bounded spans; more than this is no answer of a collector. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

/** Answers of a running collector, over its HTTP interface. */
export function collectorSource(url: string): AnswerSource {
  const base = baseUrl(url)
  const ask = (path: string, params: Record<string, string>) => askCollector(base, path, params)
  return {
    place: ` to the collector at ${visible(base.href)}`,
    async explain(id) {
      const aboutExecution = await ask('why', { execution: id })
      if (aboutExecution !== undefined) {
        const execution = await ask(`executions/${encodeURIComponent(id)}`, {})
        return {
          answer: answerOf(aboutExecution),
          execution: execution === undefined ? undefined : executionOf(execution),
        }
      }
      const aboutFlow = await ask('why', { flow: id })
      return aboutFlow && { answer: answerOf(aboutFlow), execution: undefined }
    },
    async knownIds() {
      const report = (await ask('report', {})) ?? {}
      const executions = (await ask('executions', { limit: `${MAX_KNOWN_EXECUTIONS}` })) ?? {}
      return idsOf(report, executions)
    },
  }
}

function baseUrl(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text)
  throw new Failure({
    code: EXIT.usage,
    message: `--url: expected an http or https URL such as http://127.0.0.1:4318, found "${visible(text)}"`,
  })
}

/** Nothing when the collector does not know what was asked for. */
async function askCollector(
  base: URL,
  path: string,
  params: Readonly<Record<string, string>>,
): Promise<JsonObject | undefined> {
  const url = new URL(`api/v1/${path}`, base.href.endsWith('/') ? base : `${base.href}/`)
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  const { status, body } = await get(url, base)
  if (status === 404 && isError(body)) return undefined
  if (status === 200) return wholeAnswer(body, base)
  throw new Failure({
    code: EXIT.connection,
    message: `${visible(base.href)} answered ${status} instead of an answer of a qflow-otel collector`,
    advice: ['Is it another program? Name the collector with --url URL.'],
  })
}

async function get(url: URL, base: URL): Promise<{ status: number; body: string }> {
  try {
    const response = await fetch(url, {
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

/** A 404 of the collector itself has its error form; any web server has a 404. */
function isError(body: string): boolean {
  return body.includes('"schemaVersion"') && body.includes('"error"')
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
      'Or read files: qflow-otel why ID FILE…',
    ],
  })
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'unknown host',
  EHOSTUNREACH: 'host unreachable',
  ECONNRESET: 'connection closed',
}
