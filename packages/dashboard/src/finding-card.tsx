import type { Estimate, Finding, Plain, Recommendation } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { Absent } from './absent.tsx'
import { Causes } from './causes.tsx'
import { Contributions } from './contributions.tsx'
import { countText, durationText, figureText, percentChangeText, percentText } from './format.ts'
import { ExecutionLink } from './links.tsx'
import { Medians } from './medians.tsx'
import { Pair } from './pair.tsx'
import { PlacePath } from './place.tsx'
import { SpanText } from './span-text.tsx'
import { Time } from './time.tsx'

/** One finding: what, where, how much, since when, on what evidence, and what to do about it. */
export function FindingCard({
  finding,
  recommendations,
}: {
  finding: Plain<Finding>
  recommendations: readonly Plain<Recommendation>[]
}): VNode {
  return (
    <article class={`finding severity-${finding.severity}`} data-finding={finding.kind}>
      <div class="finding-main">
        <header>
          <span class={`badge kind-of-${badge(finding)}`}>{badge(finding)}</span>
          <span class="severity">{finding.severity}</span>
          <PlacePath place={finding.place} />
        </header>
        <p class="sentence">
          <SpanText text={finding.sentence} maxLength={600} />
        </p>
        <Figures finding={finding} />
        {finding.kind === 'regression' && (
          <>
            <Medians regression={finding} />
            <Causes causes={finding.causes} />
            <Contributions contributions={finding.contributions} />
          </>
        )}
        {finding.kind === 'recommendation' && <Advice recommendation={finding} />}
        <EvidenceLine finding={finding} />
      </div>
      {recommendations.length > 0 && (
        <aside class="advice-column" aria-label="What to do">
          <h3>What to do</h3>
          {recommendations.map((recommendation) => (
            <Advice key={recommendation.id} recommendation={recommendation} />
          ))}
        </aside>
      )}
    </article>
  )
}

function badge(finding: Plain<Finding>): string {
  return finding.kind === 'regression' ? finding.direction : finding.kind
}

function Figures({ finding }: { finding: Plain<Finding> }): VNode {
  return (
    <dl class="figures">
      {finding.kind === 'regression' && (
        <EstimateFigure label="change" estimate={finding.effect} text={percentChangeText} />
      )}
      {finding.kind === 'bottleneck' && (
        <>
          <EstimateFigure label="faster without it" estimate={finding.speedup} text={percentText} />
          <EstimateFigure
            label="saved per execution"
            estimate={finding.savedMs}
            text={durationText}
          />
        </>
      )}
      <Pair name={finding.kind === 'regression' ? 'began' : 'since'}>
        <Time unixNs={finding.kind === 'regression' ? finding.onsetUnixNs : finding.openedUnixNs} />
      </Pair>
      {finding.state === 'resolved' && (
        <Pair name="resolved">
          <Time unixNs={finding.updatedUnixNs} />
        </Pair>
      )}
    </dl>
  )
}

/** A figure never stands without its interval and its n. */
function EstimateFigure({
  label,
  estimate,
  text,
}: {
  label: string
  estimate: Plain<Estimate>
  text: (value: number) => string
}): VNode {
  return (
    <Pair name={label}>
      {text(estimate.value)}{' '}
      <span class="interval" title="95 % interval">
        {text(estimate.low)} … {text(estimate.high)}
      </span>{' '}
      <span class="interval" title="executions it rests on">
        n {countText(estimate.n)}
      </span>
    </Pair>
  )
}

function Advice({ recommendation }: { recommendation: Plain<Recommendation> }): VNode {
  const { advice, predictedGain, assumptions } = recommendation
  return (
    <div class="advice">
      <p>
        <SpanText text={advice} maxLength={600} />
      </p>
      <dl class="figures">
        <EstimateFigure label="predicted gain" estimate={predictedGain} text={percentText} />
      </dl>
      {assumptions.length > 0 && (
        <>
          <p class="muted small">Holds if</p>
          <ul class="assumptions small">
            {assumptions.map((assumption) => (
              <li key={assumption}>
                <SpanText text={assumption} maxLength={300} />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function EvidenceLine({ finding }: { finding: Plain<Finding> }): VNode {
  const { executionIds, figures } = finding.evidence
  const named = Object.entries(figures)
  return (
    <div class="evidence small">
      <span class="muted">evidence </span>
      {executionIds.length === 0 && <Absent because="no execution is kept for this finding" />}
      {executionIds.map((executionId) => (
        <ExecutionLink key={executionId} executionId={executionId} maxLength={24} />
      ))}
      {named.length > 0 && (
        <details>
          <summary>{named.length === 1 ? '1 figure' : `${named.length} figures`}</summary>
          <dl class="figures">
            {named.map(([name, value]) => {
              const { label, text } = figureText(name, value)
              return (
                <Pair key={name} name={<SpanText text={label} maxLength={60} />}>
                  {text}
                </Pair>
              )
            })}
          </dl>
        </details>
      )}
    </div>
  )
}
