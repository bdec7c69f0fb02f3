import type { Alert, AnalyzerChange, Plain, Recommendation } from '@qflow-otel/analyzer'
import { adviceLines, alertEndLines, alertLines, type LiveLayout } from '../render/alert-line.ts'
import type { Line } from '../text/line.ts'

type Change = Plain<AnalyzerChange>

/** Alerts and advice that are remembered to say each once; the oldest are forgotten, and may be said again. */
const MAX_REMEMBERED = 500

/**
 * What a live log says of changes: one line per alert, another when it comes back, has another cause or is over, and advice
 * beneath. Findings without an alert (what was slow before, what became faster) are on the page and in `why`.
 */
export class AlertLog {
  readonly #told = new Map<string, Plain<Alert>>()
  readonly #advice = new Map<string, Plain<Recommendation>>()

  lines(changes: readonly Change[], layout: LiveLayout): readonly Line[] {
    const early = changes.flatMap(({ change, finding }) =>
      change === 'opened' && finding.kind === 'recommendation' ? [finding] : [],
    )
    for (const advice of early) remember(this.#advice, advice.id, advice)
    const alerts = changes.flatMap(({ change, finding }) =>
      finding.kind === 'alert' ? this.#alert({ change, alert: finding }, layout) : [],
    )
    return [...alerts, ...this.#lateAdvice(early, layout)]
  }

  #alert(
    { change, alert }: { change: Change['change']; alert: Plain<Alert> },
    layout: LiveLayout,
  ): readonly Line[] {
    const told = this.#told.get(alert.id)
    remember(this.#told, alert.id, alert)
    // What a user did is no news to them.
    if (change === 'resolved')
      return alert.endedBy === 'recovery' ? alertEndLines(alert, layout) : []
    const word = wordOf(change, { told, alert })
    if (word === undefined) return []
    return alertLines(alert, { word, advice: this.#takeAdvice(alert), layout })
  }

  /** For what an alert told already. */
  #lateAdvice(advice: readonly Plain<Recommendation>[], layout: LiveLayout): readonly Line[] {
    const isTold = (id: string) =>
      [...this.#told.values()].some((one) => one.state === 'open' && one.findingIds.includes(id))
    return advice
      .filter((one) => this.#advice.has(one.id) && one.forFindingIds.some(isTold))
      .flatMap((one) => {
        this.#advice.delete(one.id)
        return adviceLines(one, layout)
      })
  }

  #takeAdvice({ findingIds }: Plain<Alert>): readonly Plain<Recommendation>[] {
    const own = [...this.#advice.values()].filter(({ forFindingIds }) =>
      forFindingIds.some((id) => findingIds.includes(id)),
    )
    for (const { id } of own) this.#advice.delete(id)
    return own
  }
}

/** Absent for what is no news to whoever read the last line. */
function wordOf(
  change: Change['change'],
  { told, alert }: { told: Plain<Alert> | undefined; alert: Plain<Alert> },
): string | undefined {
  if (change === 'opened') return 'alert'
  if (alert.status === 'acknowledged' || alert.status === 'snoozed') return undefined
  if (told !== undefined && told.state !== alert.state) return 'again'
  const isOther = told?.cause.kind !== alert.cause.kind || told.cause.name !== alert.cause.name
  return isOther ? 'cause' : undefined
}

function remember<T>(map: Map<string, T>, id: string, value: T): void {
  map.delete(id)
  map.set(id, value)
  if (map.size <= MAX_REMEMBERED) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
