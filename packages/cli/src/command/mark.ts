import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { isObject, type JsonObject } from '../json-object.ts'
import { nearest, typoDistance } from '../nearest.ts'
import { HELP, JSON_OUTPUT } from '../option/option.ts'
import { lastOf, usageFailure } from '../option/parse-options.ts'
import { printJson } from '../terminal.ts'
import { moment } from '../text/quantity.ts'
import { visible } from '../text/visible.ts'
import { askCollector, collectorBase, DEFAULT_COLLECTOR_URL } from './collector-client.ts'
import type { Command } from './command.ts'
import { knownFlowIds } from './known-flow-ids.ts'
import { summaryOf } from './register.ts'
import { complainInWords } from './report-problems.ts'

/** `qflow-otel mark`: something was done that may explain what changes. */
export const mark: Command = {
  definition: {
    ...summaryOf('mark'),
    paragraphs: [
      'The collector shows marks on the pages of flows, names one as a cause when a change began with it, to within an execution or two, and tells the last one within ten minutes before a change beside it. New versions of flows and of services (service.version) it knows without marks.',
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
    const doubts = flow === undefined ? [] : await doubtsAbout(flow, base)
    const answer = await askCollector(base, { path: 'marks', params, method: 'POST' })
    const kept = markOf(answer ?? {})
    if (parsed.values.has('json')) printJson(terminal, { kind: 'mark', mark: kept })
    else terminal.out.write(`${sentence(kept)}\n`)
    complainInWords(doubts, terminal)
    return EXIT.ok
  },
}

/** A mark may come before the first execution of a new flow; it is kept, but a misspelt one would never be shown. */
async function doubtsAbout(flowId: string, base: URL): Promise<readonly string[]> {
  const known = await knownFlowIds(base)
  if (known.includes(flowId)) return []
  const maxDistance = typoDistance(flowId, MAX_TYPO_DISTANCE)
  const near = nearest(flowId, known, { limit: MAX_NEAREST, maxDistance })
  const hint = near.length === 0 ? '' : `; nearest: ${near.map((id) => visible(id)).join(', ')}`
  return [`the collector has seen no flow "${visible(flowId)}" so far${hint}`]
}

const MAX_NEAREST = 3
/** Further apart than this, it is another flow. */
const MAX_TYPO_DISTANCE = 4

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
