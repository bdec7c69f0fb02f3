import {
  ALERT_ACTIONS,
  type AlertActionName,
  type AlertsReport,
  type Plain,
} from '@qflow-otel/analyzer'
import { EXIT } from '../exit-code.ts'
import { unknownFailure } from '../option/choice.ts'
import { parseDurationMs } from '../option/duration.ts'
import { HELP, JSON_OUTPUT, NO_COLOR } from '../option/option.ts'
import { lastOf, type Parsed, usageFailure } from '../option/parse-options.ts'
import { alertListLines, alertStateLines } from '../render/alert-list.ts'
import { outputLayout, print, printJson, type Terminal } from '../terminal.ts'
import { visible } from '../text/visible.ts'
import { alertListOf, alertOf } from './alert-answer.ts'
import { askCollector, collectorBase, DEFAULT_COLLECTOR_URL } from './collector-client.ts'
import type { Command } from './command.ts'
import { summaryOf } from './register.ts'

/** `qflow-otel alerts`: what became worse, and what a user says about it. */
export const alerts: Command = {
  definition: {
    ...summaryOf('alerts'),
    paragraphs: [
      `Asks a running collector. Without an action, or with list, it prints the alerts; ACTION is one of ${ALERT_ACTIONS.join(', ')}, and ID as much of an alert's id as tells it from the others.`,
      'An acknowledged or snoozed alert still ends by itself. After false-positive the same change of the same flow needs more evidence and a larger effect; reopen takes back whatever was said.',
    ],
    options: [
      {
        name: 'for',
        value: 'TIME',
        sentence: 'How long a snooze lasts, e.g. 30m, 8h.',
        default: '1h',
      },
      {
        name: 'url',
        value: 'URL',
        sentence: 'The collector to ask.',
        default: DEFAULT_COLLECTOR_URL,
        variable: 'QFLOW_OTEL_URL',
      },
      JSON_OUTPUT,
      NO_COLOR,
      HELP,
    ],
  },

  async run(parsed, terminal) {
    const request = requestOf(parsed)
    const url = lastOf(parsed, 'url') ?? (terminal.env['QFLOW_OTEL_URL'] || DEFAULT_COLLECTOR_URL)
    const base = collectorBase(url)
    const list = alertListOf((await askCollector(base, { path: 'alerts' })) ?? {})
    if (request === undefined) return showList(list, { parsed, terminal })
    const id = idOf(request.id, list)
    const path = `alerts/${encodeURIComponent(id)}/${request.action}`
    const params = request.action === 'snooze' ? { forMs: `${request.forMs}` } : {}
    const answer = await askCollector(base, { path, params, method: 'POST' })
    // It ended and was forgotten between the two questions.
    if (answer === undefined) throw unknownAlert(request.id, list)
    const alert = alertOf(answer)
    if (parsed.values.has('json')) printJson(terminal, { kind: 'alert', alert })
    else
      print(terminal, alertStateLines(alert, outputLayout(terminal)), parsed.values.has('no-color'))
    return EXIT.ok
  },
}

type Known = Pick<Plain<AlertsReport>, 'alerts'>

interface ActionRequest {
  readonly action: AlertActionName
  /** The beginning of an id. */
  readonly id: string
  readonly forMs: number
}

const DEFAULT_SNOOZE = '1h'

/** Nothing to list. */
function requestOf(parsed: Parsed): ActionRequest | undefined {
  const [word = 'list', id, ...more] = parsed.positionals
  const isList = word === 'list'
  const action = ALERT_ACTIONS.find((one) => one === word)
  if (!isList && action === undefined) {
    const known = ['list', ...ALERT_ACTIONS].join(', ')
    throw usageFailure('alerts', `expected one of ${known}, found "${visible(word)}"`)
  }
  if (more.length > 0 || (isList && id !== undefined))
    throw usageFailure('alerts', 'expected one action and one id, found more')
  if (parsed.values.has('for') && action !== 'snooze')
    throw usageFailure('alerts', '--for is the length of a snooze')
  if (action === undefined) return undefined
  if (id === undefined || id === '') throw usageFailure('alerts', `${action}: no alert given`)
  const forMs = parseDurationMs(lastOf(parsed, 'for') ?? DEFAULT_SNOOZE, '--for')
  return { action, id, forMs }
}

/** The one id that begins so. */
function idOf(start: string, { alerts: known }: Known): string {
  const found = known.filter(({ id }) => id.startsWith(start.toLowerCase()))
  const [only] = found
  if (only === undefined) throw unknownAlert(start, { alerts: known })
  if (found.length === 1) return only.id
  const ids = found.map(({ id }) => visible(id)).join(', ')
  throw usageFailure('alerts', `several alerts begin with "${visible(start)}": ${ids}`)
}

function unknownAlert(id: string, { alerts: known }: Known) {
  const ids = known.map((one) => one.id)
  return unknownFailure(`no alert "${visible(id)}" is known to the collector`, id, ids)
}

function showList(
  list: Plain<AlertsReport>,
  { parsed, terminal }: { parsed: Parsed; terminal: Terminal },
): typeof EXIT.ok {
  if (parsed.values.has('json')) printJson(terminal, { kind: 'alerts', ...list })
  else print(terminal, alertListLines(list, outputLayout(terminal)), parsed.values.has('no-color'))
  return EXIT.ok
}
