import type { VNode } from 'preact'
import { durationText } from './format.ts'
import { type PhaseTimes, phaseParts } from './phase.ts'
import { PhaseBar, phasesText } from './phase-bar.tsx'
import { SpanText } from './span-text.tsx'
import { spanTitle } from './span-title.ts'
import type { Extent, WaterfallRow } from './waterfall-layout.ts'

/** Deeper spans are drawn at this depth; the details name their parent. */
const maxIndentDepth = 10

/** One span: its name, its bar, the critical path in it; under a step's bar its phases. */
export function WaterfallRowView({
  id,
  row,
  area,
  position,
  isActive,
  onActivate,
}: {
  id: string
  row: WaterfallRow
  area: { topPx: number; heightPx: number }
  position: { index: number; count: number }
  isActive: boolean
  onActivate: (key: string, how: 'hovered' | 'pinned') => void
}): VNode {
  const { span, step, extent, onPath } = row
  const duration = durationText((span.endNs - span.startNs) / 1e6)
  const classes = ['row', `role-${span.role}`]
  if (isActive) classes.push('active')
  if (span.isError) classes.push('error')
  if (onPath.length > 0) classes.push('on-path')
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the listbox has the focus and names the active row
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the listbox's
    <div
      id={id}
      class={classes.join(' ')}
      role="option"
      aria-selected={isActive}
      aria-posinset={position.index + 1}
      aria-setsize={position.count}
      style={{ top: `${area.topPx}px`, height: `${area.heightPx}px` }}
      onMouseEnter={() => onActivate(row.key, 'hovered')}
      onClick={() => onActivate(row.key, 'pinned')}
    >
      <RowName row={row} />
      <div class="row-track">
        <Bar extent={extent} classes="bar" />
        {onPath.map((segment) => (
          <Bar key={segment.startRatio} extent={segment} classes="bar path" />
        ))}
        {step !== undefined && (
          <div class="row-phases" style={place(extent)}>
            <PhaseBar times={step.phasesNs} label={phasesText(inMs(step.phasesNs))} />
          </div>
        )}
        <span class={`bar-label ${labelSide(extent)}`} style={labelPlace(extent)}>
          {duration}
          {step?.errorType !== undefined && (
            <>
              {' '}
              <SpanText text={step.errorType} maxLength={30} />
            </>
          )}
        </span>
      </div>
    </div>
  )
}

function RowName({ row }: { row: WaterfallRow }): VNode {
  const { span, step } = row
  return (
    <div
      class="row-name"
      style={{ paddingLeft: `${Math.min(span.depth, maxIndentDepth) * 14 + 8}px` }}
    >
      {span.isError && <span class="error-mark">✕</span>}
      <span class="row-title">
        <SpanText text={spanTitle(row)} maxLength={100} />
      </span>
      {step?.action !== undefined && (
        <span class="muted small">
          <SpanText text={step.action} maxLength={40} />
        </span>
      )}
    </div>
  )
}

function Bar({ extent, classes }: { extent: Extent; classes: string }): VNode {
  return <span class={classes} style={place(extent)} />
}

function place({ startRatio, widthRatio }: Extent): { left: string; width: string } {
  return { left: `${startRatio * 100}%`, width: `${widthRatio * 100}%` }
}

/** The room that a label such as `12.3 ms` takes of the track, about. */
const labelRatio = 0.12

/** The label stands behind the bar, before it where there is no room, in it where there is none either. */
function labelSide({ startRatio, widthRatio }: Extent): 'behind' | 'before' | 'inside' {
  if (startRatio + widthRatio < 1 - labelRatio) return 'behind'
  return startRatio > labelRatio ? 'before' : 'inside'
}

function labelPlace(extent: Extent): { left: string } | { right: string } {
  const endRatio = extent.startRatio + extent.widthRatio
  const side = labelSide(extent)
  if (side === 'behind') return { left: `${endRatio * 100}%` }
  return { right: `${(1 - (side === 'before' ? extent.startRatio : endRatio)) * 100}%` }
}

function inMs(phasesNs: PhaseTimes): PhaseTimes {
  return Object.fromEntries(phaseParts(phasesNs).map(({ kind, value }) => [kind, value / 1e6]))
}
