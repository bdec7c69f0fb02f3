import type {
  Anomaly,
  Bottleneck,
  Finding,
  Plain,
  Recommendation,
  Regression,
} from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece, type Tone } from '../text/line.ts'
import { count, duration, moment, percent } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import { evidenceLines } from './evidence.ts'
import { findingSentence, gainSentence, signedDuration } from './finding-sentence.ts'
import type { Layout } from './layout.ts'
import { placeName } from './place-name.ts'

/** What is wrong, what changed and what to do, in three sections; a section without entries is left out. */
export function findingSections(
  findings: readonly Plain<Finding>[],
  layout: Layout,
): readonly Line[] {
  const open = findings.filter(({ state }) => state === 'open')
  const resolved = findings.length - open.length
  return [
    ...section(
      'Bottlenecks',
      open.filter(isBottleneck).map((finding) => bottleneck(finding, layout)),
    ),
    ...section(
      'Changes',
      open.filter(isRegression).map((finding) => regression(finding, layout)),
    ),
    ...section(
      'Single slow executions',
      open.filter(isAnomaly).map((finding) => anomaly(finding, layout)),
    ),
    ...section(
      'Recommendations',
      open.filter(isRecommendation).map((finding) => recommendation(finding, layout)),
    ),
    ...(resolved > 0 ? [EMPTY_LINE, [piece(`${count(resolved)} resolved`, 'faint')]] : []),
  ]
}

const isBottleneck = (finding: Plain<Finding>): finding is Plain<Bottleneck> =>
  finding.kind === 'bottleneck'
const isRegression = (finding: Plain<Finding>): finding is Plain<Regression> =>
  finding.kind === 'regression'
const isAnomaly = (finding: Plain<Finding>): finding is Plain<Anomaly> => finding.kind === 'anomaly'
const isRecommendation = (finding: Plain<Finding>): finding is Plain<Recommendation> =>
  finding.kind === 'recommendation'

function section(title: string, entries: readonly (readonly Line[])[]): readonly Line[] {
  if (entries.length === 0) return []
  return [EMPTY_LINE, [piece(title, 'strong')], ...entries.flat()]
}

function bottleneck(finding: Plain<Bottleneck>, { width }: Layout): readonly Line[] {
  const { savedMs, evidence } = finding
  const lostMs = evidence.figures['lostMsPerHour']
  const inAnHour = lostMs === undefined ? '' : `, ${duration(lostMs)} per hour`
  return [
    ...wrapped({
      text: findingSentence(finding),
      width,
      indent: 4,
      mark: [piece('  ● ', SEVERITY_TONES[finding.severity])],
    }),
    [
      piece(`    ${finding.severity}`, SEVERITY_TONES[finding.severity]),
      piece(
        `, ${finding.class}, saves ${duration(savedMs.value)} per execution${inAnHour}`,
        'faint',
      ),
    ],
    ...evidenceLines(finding.evidence, { width, indent: 4 }),
  ]
}

function regression(finding: Plain<Regression>, { width }: Layout): readonly Line[] {
  const isWorse = finding.direction === 'regression'
  const first = finding.onsetExecutionId
  const since = `since ${moment(finding.onsetUnixNs)}${first === undefined ? '' : `, execution ${first}`}`
  return [
    ...wrapped({
      text: findingSentence(finding),
      width,
      indent: 4,
      mark: [piece(isWorse ? '  ▲ ' : '  ▼ ', isWorse ? 'bad' : 'good')],
    }),
    ...wrapped({ text: since, width, indent: 4, tone: 'faint' }),
    ...contributions(finding, { width }),
    ...causes(finding, { width }),
    ...evidenceLines(finding.evidence, { width, indent: 4 }),
  ]
}

/** Smaller parts explain nothing, and more of them nobody can hold in mind; `--json` has all. */
const MIN_CONTRIBUTION_RATIO = 0.1
const MAX_CONTRIBUTIONS = 3

/** Where the change comes from. */
function contributions(finding: Plain<Regression>, { width }: Layout): readonly Line[] {
  const total = finding.contributions.reduce((sum, { changeMs }) => sum + changeMs, 0)
  const large = finding.contributions
    .filter(({ changeMs }) => total !== 0 && changeMs / total >= MIN_CONTRIBUTION_RATIO)
    .slice(0, MAX_CONTRIBUTIONS)
    .map(
      (part) =>
        `${placeName(part)} ${signedDuration(part.changeMs)} (${percent(part.changeMs / total)})`,
    )
  if (large.length === 0) return []
  return wrapped({ text: `from ${large.join(', ')}`, width, indent: 4 })
}

/** What differs between the executions before and after, as far as most of the change goes with it. */
const MIN_CAUSE_RATIO = 0.5
const MAX_CAUSES = 2

function causes(finding: Plain<Regression>, { width }: Layout): readonly Line[] {
  const told = finding.causes
    .filter(({ kind, share }) => kind !== 'place' && share >= MIN_CAUSE_RATIO)
    .slice(0, MAX_CAUSES)
    .map(({ words, share }) => `${words} (${percent(Math.min(1, share))})`)
  if (told.length === 0) return []
  return wrapped({ text: `because of ${told.join(', ')}`, width, indent: 4 })
}

/** Modestly: it asks nothing of anybody until there are more. */
function anomaly(finding: Plain<Anomaly>, { width }: Layout): readonly Line[] {
  const mark = [piece('  ◦ ', 'faint')]
  return [
    ...wrapped({ text: findingSentence(finding), width, indent: 4, mark }),
    ...evidenceLines(finding.evidence, { width, indent: 4 }),
  ]
}

function recommendation(finding: Plain<Recommendation>, { width }: Layout): readonly Line[] {
  const mark = [piece('  → ', 'accent')]
  return [
    ...wrapped({ text: finding.advice, width, indent: 4, mark }),
    ...wrapped({ text: gainSentence(finding), width, indent: 4, tone: 'good' }),
    ...finding.assumptions.flatMap((text) => wrapped({ text, width, indent: 4, tone: 'faint' })),
    ...evidenceLines(finding.evidence, { width, indent: 4 }),
  ]
}

/** Severity as colour: calm until something is really wrong. */
const SEVERITY_TONES: Readonly<Record<Finding['severity'], Tone>> = {
  low: 'faint',
  medium: 'plain',
  high: 'warn',
  critical: 'bad',
}
