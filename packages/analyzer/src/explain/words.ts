import { isOverall, OTHER_PLACE, type PathPlace } from '../baseline/place.ts'
import type { Estimate } from '../detect/finding.ts'
import type { ProcessName } from '../otlp/heap-reading.ts'
import { unixMsFromNs } from '../time/unix-ns.ts'

/** `4.2 ms`, `3.1 s`, `2.5 min`: two or three figures, in the unit a person would choose. */
export function durationWords(ms: number): string {
  const size = Math.abs(ms)
  if (size >= 60_000) return `${figures(ms / 60_000)} min`
  if (size >= 1_000) return `${figures(ms / 1_000)} s`
  if (size >= 1 || size === 0) return `${figures(ms)} ms`
  return `${figures(ms * 1_000)} µs`
}

/** `1.2 MiB`, `640 KiB`, as memory is counted. */
export function bytesWords(bytes: number): string {
  const size = Math.abs(bytes)
  if (size >= 2 ** 20) return `${figures(bytes / 2 ** 20)} MiB`
  return size >= 1_024 ? `${figures(bytes / 1_024)} KiB` : `${figures(bytes)} bytes`
}

/** `31 %`, `0.4 %` of a ratio. */
export function percentWords(ratio: number): string {
  return `${figures(ratio * 100)} %`
}

/** `31 % (95 % interval 28 % to 34 %, n = 120)` */
export function estimateWords({ value, low, high, n }: Estimate): string {
  return `${percentWords(value)} (95 % interval ${percentWords(low)} to ${percentWords(high)}, n = ${n})`
}

/** `step charge`, or `all steps` where a phase is that of all together. */
export function stepWords(stepId: string | undefined): string {
  return stepId === undefined ? 'all steps' : `step ${stepId}`
}

/** `resource wait of step charge`, `span GET api in step charge`, `time between steps` */
export function placeWords({ stepId, phase, spanName }: PathPlace): string {
  if (stepId === OTHER_PLACE.stepId) return 'the rest'
  const step = stepId === undefined ? undefined : `step ${stepId}`
  if (spanName !== undefined) return step ? `span ${spanName} in ${step}` : `span ${spanName}`
  if (step === undefined)
    return phase === undefined ? 'time outside spans' : phaseWithoutStep(phase)
  return phase === undefined ? step : `${phaseWords(phase)} of ${step}`
}

/** `charge-card › POST payments.example`, `pack › resource wait`, `between steps`: for a line on a terminal. */
export function shortPlaceWords({ stepId, phase, spanName }: Partial<PathPlace>): string {
  if (stepId === undefined && spanName === undefined) {
    return phase !== undefined && isOverall({ phase })
      ? `${phaseWords(phase)} of all steps`
      : 'between steps'
  }
  if (stepId === OTHER_PLACE.stepId) return 'the rest'
  const inner = spanName ?? (phase === undefined ? undefined : phaseWords(phase))
  return [stepId, inner].filter((part) => part !== undefined).join(' › ')
}

/** `process shop (a1)` */
export function processWords({ serviceName, instanceId }: ProcessName): string {
  const name = serviceName === undefined ? 'the process' : `process ${serviceName}`
  return instanceId === undefined ? name : `${name} (${instanceId})`
}

/** `2026-11-26 07:12 UTC`: a moment of another day. */
export function momentWords(unixNs: bigint): string {
  return `${new Date(unixMsFromNs(unixNs)).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** `00:38:26 UTC`: what people compare with their other clocks. */
export function timeWords(unixNs: bigint): string {
  return `${new Date(unixMsFromNs(unixNs)).toISOString().slice(11, 19)} UTC`
}

function phaseWithoutStep(phase: NonNullable<PathPlace['phase']>): string {
  if (isOverall({ phase })) return `${phaseWords(phase)} of all steps`
  return phase === 'engine' ? 'time between steps' : `${phaseWords(phase)} between steps`
}

function phaseWords(phase: NonNullable<PathPlace['phase']>): string {
  return phase.replaceAll('_', ' ')
}

function figures(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return value.toFixed(0)
  return size >= 10 ? trim(value.toFixed(1)) : trim(value.toFixed(2))
}

function trim(text: string): string {
  return text.replace(/\.?0+$/, '')
}
