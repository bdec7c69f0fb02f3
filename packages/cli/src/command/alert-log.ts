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
  /** The last form of each recommendation. */
  readonly #advice = new Map<string, Plain<Recommendation>>()
  /** What was said beneath which alert. */
  readonly #said = new Map<string, true>()

  lines(changes: readonly Change[], layout: LiveLayout): readonly Line[] {
    const advice = changes.flatMap(({ change, finding }) =>
      change !== 'resolved' && finding.kind === 'recommendation' ? [finding] : [],
    )
    for (const one of advice) remember(this.#advice, one.id, one)
    const alerts = changes.flatMap(({ change, finding }) =>
      finding.kind === 'alert' ? this.#alert({ change, alert: finding }, layout) : [],
    )
    return [...alerts, ...this.#lateAdvice(advice, layout)]
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
    const advice = [...this.#advice.values()].filter((one) => this.#isFirst(one, alert))
    return alertLines(alert, { word, advice, layout })
  }

  /** For what an alert told already. */
  #lateAdvice(advice: readonly Plain<Recommendation>[], layout: LiveLayout): readonly Line[] {
    const open = [...this.#told.values()].filter(({ state }) => state === 'open')
    return advice
      .filter((one) => open.some((alert) => this.#isFirst(one, alert)))
      .flatMap((one) => adviceLines(one, layout))
  }

  /** Whether the advice is for the alert and was not said of it yet; then it is, from now on. */
  #isFirst({ advice, forFindingIds }: Plain<Recommendation>, alert: Plain<Alert>): boolean {
    const isFor = forFindingIds.some((id) => alert.findingIds.includes(id))
    const key = `${alert.id} ${advice}`
    if (!isFor || this.#said.has(key)) return false
    remember(this.#said, key, true)
    return true
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
