import { EMPTY_LINE, type Line, piece } from '../text/line.ts'

/** Of a running collector, what its first lines say. */
export interface Listening {
  readonly url: string
  readonly version: string
  readonly settings: {
    readonly forwardUrl: string | undefined
    readonly stateDir: string | undefined
  }
}

/** What somebody who has just started a collector needs: where it is, and what it does with what it gets. */
export function listeningLines({ url, version, settings }: Listening): readonly Line[] {
  const { forwardUrl, stateDir } = settings
  return [
    [piece('qflow-otel', 'strong'), piece(` ${version}`, 'faint')],
    EMPTY_LINE,
    row('page', [piece(`${url}/`, 'accent')]),
    row('OTLP', [piece(url), piece('  set it as OTEL_EXPORTER_OTLP_ENDPOINT', 'faint')]),
    row(
      'forward',
      forwardUrl === undefined
        ? [piece('nowhere; --forward-url URL passes everything on', 'faint')]
        : [piece(withoutCredentials(forwardUrl))],
    ),
    row(
      'memory',
      stateDir === undefined
        ? [piece('until it ends; --state-dir DIRECTORY keeps what was learned', 'faint')]
        : [piece(stateDir)],
    ),
    EMPTY_LINE,
    [piece('  Alerts appear here as they open. Ctrl-C ends it.', 'faint')],
    EMPTY_LINE,
  ]
}

function row(title: string, text: Line): Line {
  return [piece(`  ${title.padEnd(8)} `, 'faint'), ...text]
}

/** A URL may carry a password; a terminal is often shared. */
function withoutCredentials(text: string): string {
  const url = new URL(text)
  url.username = ''
  url.password = ''
  return url.href
}
