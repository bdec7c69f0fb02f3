import type { VNode } from 'preact'
import { CopyButton } from './copy-button.tsx'
import { countOfText } from './format.ts'

/** Nothing arrived yet: exactly what to do. */
export function EmptyState({ acceptedSpanCount }: { acceptedSpanCount: number }): VNode {
  const endpoint = location.origin
  const command = `OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint} \\\n  node --import @qflow-otel/instrumentation/register app.js`
  return (
    <section class="empty" data-state="empty">
      <h1>Waiting for the first execution</h1>
      {acceptedSpanCount > 0 ? (
        <p>
          {countOfText(acceptedSpanCount, 'span')} arrived, but none belongs to a Qflow execution
          yet.
        </p>
      ) : (
        <p>The collector runs and nothing has reached it yet. This page fills by itself.</p>
      )}
      <ol>
        <li>
          <h2>Start your application with the instrumentation</h2>
          <Command text={command} what="the command" />
        </li>
        <li>
          <h2>Or send what you already have</h2>
          <p>An application that exports OTLP over HTTP needs this endpoint alone:</p>
          <Command text={endpoint} what="the endpoint" />
        </li>
      </ol>
    </section>
  )
}

function Command({ text, what }: { text: string; what: string }): VNode {
  return (
    <div class="command">
      <pre>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  )
}
