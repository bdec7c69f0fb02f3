import type { Analyzer, Finding, Plain } from '@qflow-otel/analyzer'
import { type CollectorMessage, queryFindings, type RunningCollector } from '@qflow-otel/collector'
import type { Parsed } from '../option/parse-options.ts'
import { findingChangeLines } from '../render/finding-change.ts'
import { listeningLines } from '../render/listening.ts'
import { outputLayout, print, printJson, type StopSignal, type Terminal } from '../terminal.ts'
import { piece } from '../text/line.ts'
import { counted } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import { packageVersion } from '../version.ts'
import { findingChanges } from './finding-changes.ts'

type StopReason = StopSignal | 'duration over' | 'output closed'

/** What `serve` says while it runs, as text or as JSON lines. */
export interface ServeLog {
  listening(collector: RunningCollector): void
  message(message: CollectorMessage): void
  /** Says what changed since the last look. */
  findings(analyzer: Analyzer): void
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
  let known: readonly Plain<Finding>[] = []
  const { width } = outputLayout(terminal)
  const say = (lines: Parameters<typeof print>[1]) => print(terminal, lines, noColor)
  return {
    listening: (collector) => say(listeningLines({ ...collector, version: packageVersion() })),
    message: ({ level, text }) => {
      const mark = [piece(`${level}: `, level === 'info' ? 'faint' : 'warn')]
      say(wrapped({ text, width, indent: 7, mark }))
    },
    findings: (analyzer) => {
      const { findings } = queryFindings(analyzer)
      const liveWidth = terminal.out.isTty ? width : undefined
      for (const change of findingChanges(known, findings)) {
        say(findingChangeLines(change, { width: liveWidth }))
      }
      known = findings
    },
    closing: (reason) =>
      say([[piece(`closing (${reason}): forwarding what was accepted`, 'faint')]]),
    closed: ({ analyzer }) => {
      const open = known.filter(({ state }) => state === 'open').length
      const { acceptedSpanCount } = analyzer.losses()
      const spans = counted(acceptedSpanCount, 'span')
      say([[piece(`closed: ${spans} analysed, ${counted(open, 'finding')} open`, 'faint')]])
    },
  }
}

function jsonLog(terminal: Terminal): ServeLog {
  let known: readonly Plain<Finding>[] = []
  const say = (line: object) => printJson(terminal, line)
  return {
    listening: ({ url, port }) => say({ kind: 'listening', url, port, version: packageVersion() }),
    message: ({ level, text }) => say({ kind: 'message', level, text }),
    findings: (analyzer) => {
      const { findings } = queryFindings(analyzer)
      for (const change of findingChanges(known, findings)) say({ kind: 'finding', ...change })
      known = findings
    },
    closing: (reason) => say({ kind: 'closing', reason }),
    closed: (collector) => say({ kind: 'closed', losses: collector.analyzer.losses() }),
  }
}
