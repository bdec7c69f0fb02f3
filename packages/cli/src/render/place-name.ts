import { type CriticalPathShare, isOverall, OTHER_PLACE, type Place } from '@qflow-otel/analyzer'
import { MAX_NAME_LENGTH, type Visible, visible } from '../text/visible.ts'

type Where = Partial<Pick<Place, 'stepId' | 'spanName'>> & Partial<Pick<CriticalPathShare, 'phase'>>

/** `charge-card › work › POST payments.example`: from the outside to the inside. */
export function placeName(where: Where): Visible {
  if (isOverall(where)) return visible(`${phaseName(where.phase ?? '')} of all steps`)
  if (where.stepId === OTHER_PLACE.stepId) return visible('the rest')
  const parts = [where.stepId, where.phase && phaseName(where.phase), where.spanName]
  const named = parts.filter((part) => part !== undefined && part !== '')
  if (named.length === 0) return visible('between steps')
  return visible(
    named.map((part) => visible(`${part}`, MAX_NAME_LENGTH)).join(' › '),
    3 * MAX_NAME_LENGTH,
  )
}

/** A phase in words: `resource wait`. */
export function phaseName(phase: string): string {
  return phase.replaceAll('_', ' ')
}
