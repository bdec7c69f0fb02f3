import { type AnalyzerChange, plain } from '@qflow-otel/analyzer'
import {
  type CollectorMessage,
  queryAlerts,
  queryFindings,
  type RunningCollector,
} from '@qflow-otel/collector'
import type { Parsed } from '../option/parse-options.ts'
import { listeningLines } from '../render/listening.ts'
import { outputLayout, print, printJson, type StopSignal, type Terminal } from '../terminal.ts'
import { piece } from '../text/line.ts'
import { counted } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import { packageVersion } from '../version.ts'
import { AlertLog } from './alert-log.ts'

type StopReason = StopSignal | 'duration over' | 'output closed'

/** What `serve` says while it runs, as text or as JSON lines. */
export interface ServeLog {
  listening(collector: RunningCollector): void
  message(message: CollectorMessage): void
  findings(changes: readonly AnalyzerChange[]): void
  closing(reason: StopReason): void
  closed(collector: RunningCollector): void
}

/** As JSON lines with `--json`, else as text. */
export function serveLog(parsed: Parsed, terminal: Terminal): ServeLog {
  return parsed.values.has('json')
    ? jsonLog(terminal)
    : textLog(terminal, parsed.values.has('no-color'))
}

function textLog(terminal: Terminal, noColor: boolean): ServeLog {
  const { width } = outputLayout(terminal)
  const alerts = new AlertLog()
  const say = (lines: Parameters<typeof print>[1]) => print(terminal, lines, noColor)
  return {
    listening: (collector) => {
      say(listeningLines({ ...collector, version: packageVersion() }))
      const openCount = openAlertCount(collector)
      if (openCount > 0) say([[piece(`${counted(openCount, 'alert')} open from before`, 'faint')]])
    },
    message: ({ level, text }) => {
      const mark = [piece(`${level}: `, level === 'info' ? 'faint' : 'warn')]
      say(wrapped({ text, width, indent: 7, mark }))
    },
    findings: (changes) => {
      const liveWidth = terminal.out.isTty ? width : undefined
      say(alerts.lines(changes.map(plain), { width: liveWidth }))
    },
    closing: (reason) => say([[piece(`closing (${reason})`, 'faint')]]),
    closed: (collector) => {
      const spans = counted(collector.analyzer.losses().acceptedSpanCount, 'span')
      const alerts = counted(openAlertCount(collector), 'alert')
      say([[piece(`closed: ${spans} analysed, ${alerts} open`, 'faint')]])
    },
  }
}

function jsonLog(terminal: Terminal): ServeLog {
  const say = (line: object) => printJson(terminal, line)
  return {
    listening: (collector) => {
      const { url, port } = collector
      const version = packageVersion()
      say({ kind: 'listening', url, port, version, openFindingCount: openFindingCount(collector) })
    },
    message: ({ level, text }) => say({ kind: 'message', level, text }),
    findings: (changes) => {
      for (const change of changes) {
        const kind = change.finding.kind === 'alert' ? 'alert' : 'finding'
        say({ kind, ...plain(change) })
      }
    },
    closing: (reason) => say({ kind: 'closing', reason }),
    closed: (collector) => say({ kind: 'closed', losses: collector.analyzer.losses() }),
  }
}

/** What the log tells of; bottlenecks are findings as well, and wake nobody. At the start the state directory's. */
function openAlertCount({ analyzer }: RunningCollector): number {
  return queryAlerts(analyzer).alerts.filter(({ state }) => state === 'open').length
}

/** At the start these are the ones that the state directory remembers. */
function openFindingCount({ analyzer }: RunningCollector): number {
  return queryFindings(analyzer).findings.filter(({ state }) => state === 'open').length
}
