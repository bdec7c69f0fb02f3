import type { VNode } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { countOfText, countText } from './format.ts'
import { PathStrip } from './path-strip.tsx'
import { phaseParts, type TimeKind } from './phase.ts'
import { Legend } from './phase-bar.tsx'
import { SpanDetails } from './span-details.tsx'
import { Waterfall } from './waterfall.tsx'
import {
  pausesIn,
  rowsOnPath,
  segmentKindIn,
  totalNsOf,
  waterfallRows,
} from './waterfall-layout.ts'
import type { ExecutionAnswer } from './wire.ts'

/** The waterfall with its critical path on top and the details of the active row beside it. */
export function ExecutionTimeline({ report }: { report: ExecutionAnswer }): VNode {
  const [isPathOnly, setIsPathOnly] = useState(false)
  const [active, setActive] = useState<{ key: string; isPinned: boolean } | undefined>()
  const allRows = useMemo(() => waterfallRows(report), [report])
  const rows = useMemo(() => (isPathOnly ? rowsOnPath(allRows) : allRows), [allRows, isPathOnly])
  const activeRow = rows.find(({ key }) => key === active?.key) ?? rows[0]

  const activate = (key: string, how: 'hovered' | 'pinned') =>
    setActive((old) => {
      if (how === 'pinned') return { key, isPinned: !(old?.isPinned && old.key === key) }
      return old?.isPinned ? old : { key, isPinned: false }
    })

  if (allRows.length === 0) {
    return <p class="quiet">No span of this execution has ended yet.</p>
  }
  return (
    <>
      <div class="waterfall-tools">
        <Legend kinds={kindsIn(report)} />
        <span class="path-key muted small">on the critical path</span>
        <label>
          <input
            type="checkbox"
            checked={isPathOnly}
            onChange={(event) => setIsPathOnly(event.currentTarget.checked)}
          />{' '}
          only the critical path
        </label>
        <span class="muted small">{shownText(rows.length, report)}</span>
      </div>
      <div class="timeline">
        <Waterfall
          rows={rows}
          pauses={pausesIn(report)}
          totalNs={totalNsOf(report)}
          head={<PathLine report={report} />}
          activeKey={activeRow?.key}
          onActivate={activate}
        />
        {activeRow !== undefined && (
          <SpanDetails row={activeRow} isPinned={active?.isPinned === true} />
        )}
      </div>
    </>
  )
}

function PathLine({ report }: { report: ExecutionAnswer }): VNode | null {
  if (report.path.length === 0) return null
  return (
    <div class="path-line">
      <span class="path-name">critical path</span>
      <PathStrip report={report} />
    </div>
  )
}

function kindsIn({ execution, path }: ExecutionAnswer): ReadonlySet<TimeKind> {
  const phases = execution.steps.flatMap(({ phasesNs }) => phaseParts(phasesNs))
  return new Set([...path.map(segmentKindIn(execution)), ...phases.map(({ kind }) => kind)])
}

function shownText(shownCount: number, { execution }: ExecutionAnswer): string {
  if (shownCount === execution.spanCount) return countOfText(shownCount, 'span')
  return `${countText(shownCount)} of ${countOfText(execution.spanCount, 'span')}`
}
