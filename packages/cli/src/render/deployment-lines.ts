import type { DeploymentReport, FlowReport, Plain } from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { moment } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import type { Layout } from './layout.ts'

/** The newest are what a change may come from; `--json` has more. */
const MAX_DEPLOYMENTS = 5
const MAX_SHIFTS = 2

/** What was deployed or marked, and how the inputs shifted; nothing where nothing was and they did not. */
export function deploymentLines(
  { deployments, mixShifts }: Pick<Plain<FlowReport>, 'deployments' | 'mixShifts'>,
  { width }: Layout,
): readonly Line[] {
  const done = deployments
    .slice(-MAX_DEPLOYMENTS)
    .flatMap((one) => wrapped({ text: sentence(one), width, indent: 2 }))
  const shifted = mixShifts
    .slice(-MAX_SHIFTS)
    .flatMap(({ sentence: text }) => wrapped({ text, width, indent: 2 }))
  return [...titled('Deployments', done), ...titled('Shifts of the inputs', shifted)]
}

function titled(title: string, lines: readonly Line[]): readonly Line[] {
  return lines.length === 0 ? [] : [EMPTY_LINE, [piece(title, 'strong')], ...lines]
}

function sentence({ kind, unixNs, name, previous, difference }: Plain<DeploymentReport>): string {
  const at = moment(unixNs)
  if (kind === 'mark') return `${at}  "${name}"`
  const what = kind === 'flow_version' ? 'flow version' : 'code version'
  const how = difference === undefined ? '' : `: ${difference}`
  return `${at}  ${what} ${name}, after ${previous ?? 'none'}${how}`
}
