import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { isObject, type JsonObject } from '../json-object.ts'
import { HELP, JSON_OUTPUT } from '../option/option.ts'
import { lastOf, usageFailure } from '../option/parse-options.ts'
import { printJson } from '../terminal.ts'
import { moment } from '../text/quantity.ts'
import { visible } from '../text/visible.ts'
import { askCollector, collectorBase, DEFAULT_COLLECTOR_URL } from './collector-client.ts'
import type { Command } from './command.ts'
import { summaryOf } from './register.ts'

/** `qflow-otel mark`: something was done that may explain what changes. */
export const mark: Command = {
  definition: {
    ...summaryOf('mark'),
    paragraphs: [
      'The collector shows marks on the pages of flows, and names one as a cause when a change began with it. New versions of flows and of services (service.version) it knows without marks.',
    ],
    options: [
      {
        name: 'flow',
        value: 'FLOW',
        sentence: 'The only flow that it concerns.',
        default: 'every flow',
      },
      {
        name: 'at',
        value: 'TIME',
        sentence: 'When it was done: 2026-11-25T19:00:00Z, or ms since 1970.',
        default: 'now',
      },
      {
        name: 'url',
        value: 'URL',
        sentence: 'The collector to tell.',
        default: DEFAULT_COLLECTOR_URL,
        variable: 'QFLOW_OTEL_URL',
      },
      JSON_OUTPUT,
      HELP,
    ],
  },

  async run(parsed, terminal) {
    const text = parsed.positionals.join(' ').trim()
    if (text === '') throw usageFailure('mark', 'no text given')
    const url = lastOf(parsed, 'url') ?? (terminal.env['QFLOW_OTEL_URL'] || DEFAULT_COLLECTOR_URL)
    const [flow, at] = [lastOf(parsed, 'flow'), lastOf(parsed, 'at')]
    const params = { text, ...(flow !== undefined && { flow }), ...(at !== undefined && { at }) }
    const base = collectorBase(url)
    const answer = await askCollector(base, { path: 'marks', params, method: 'POST' })
    const kept = markOf(answer ?? {})
    if (parsed.values.has('json')) printJson(terminal, { kind: 'mark', mark: kept })
    else terminal.out.write(`${sentence(kept)}\n`)
    return EXIT.ok
  },
}

interface Kept {
  readonly text: string
  readonly unixNs: string
  readonly flowId: string | undefined
}

/** Throws `Failure` when a collector of another time answers. */
function markOf({ mark: kept }: JsonObject): Kept {
  const isFit =
    isObject(kept) &&
    typeof kept['text'] === 'string' &&
    typeof kept['unixNs'] === 'string' &&
    /^\d+$/.test(kept['unixNs'])
  if (isFit) {
    const { text, unixNs, flowId } = kept
    // Both were checked above.
    return {
      text: text as string,
      unixNs: unixNs as string,
      flowId: typeof flowId === 'string' ? flowId : undefined,
    }
  }
  const message = 'the collector takes no marks: use the same version of both'
  throw new Failure({ code: EXIT.connection, message, advice: [] })
}

function sentence({ text, unixNs, flowId }: Kept): string {
  const about = flowId === undefined ? 'every flow' : visible(flowId)
  return `marked at ${moment(unixNs)} for ${about}: ${visible(text)}`
}
