import type { AlertActionName, AlertReport, Plain } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { actOnAlert } from './api.ts'

/** A button: what it says, and what it does. */
interface Choice {
  readonly label: string
  readonly action: AlertActionName
  readonly forMs?: number
}

const hourMs = 3_600_000
const acknowledge: Choice = { label: 'Acknowledge', action: 'acknowledge' }
const snooze: Choice = { label: 'Snooze 1 h', action: 'snooze', forMs: hourMs }
const resolve: Choice = { label: 'Resolve', action: 'resolve' }
const falseAlarm: Choice = { label: 'False alarm', action: 'false-positive' }
const reopen: Choice = { label: 'Take back', action: 'reopen' }

/** What can be said about an alert as it is. The page changes when the collector says that it did. */
export function AlertButtons({ alert }: { alert: Plain<AlertReport> }): VNode {
  const [asked, setAsked] = useState<AlertActionName | undefined>(undefined)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  // Whatever was asked for, this is what came of it.
  useEffect(() => setAsked(undefined), [alert.status, alert.updatedUnixNs])
  const act = async ({ action, forMs }: Choice) => {
    setAsked(action)
    setProblem(undefined)
    const found = await actOnAlert(alert.id, action, forMs)
    if (found === undefined) return
    setAsked(undefined)
    setProblem(found)
  }
  return (
    <div class="alert-buttons">
      {choicesOf(alert).map((choice) => (
        <button
          key={choice.action}
          type="button"
          disabled={asked !== undefined}
          onClick={() => act(choice)}
        >
          {choice.label}
        </button>
      ))}
      <span class="problem small" role="status">
        {problem}
      </span>
    </div>
  )
}

function choicesOf({ status, state, endedBy }: Plain<AlertReport>): readonly Choice[] {
  if (state === 'open') {
    if (status === 'open') return [acknowledge, snooze, resolve, falseAlarm]
    if (status === 'acknowledged') return [snooze, resolve, falseAlarm, reopen]
    return [acknowledge, resolve, falseAlarm, reopen]
  }
  if (status === 'false-positive') return [reopen]
  return endedBy === 'user' ? [reopen, falseAlarm] : [falseAlarm]
}
