import { alertsReport } from './alert-desk.ts'
import type { AnalyzerOptions } from './analyzer.ts'
import type { AnalyzerState } from './analyzer-state.ts'
import { poolReports } from './detect/bottleneck/contention.ts'
import type { Finding } from './detect/finding.ts'
import { flowReport } from './flow-report.ts'
import { type FlowState, flowKey } from './flow-state.ts'
import type { FlowFindings } from './flow-table.ts'
import { leakFindings, processReports } from './memory-desk.ts'
import type { AlertsReport, FlowReport, Report } from './report.ts'
import { findingsNow } from './shown-evidence.ts'

interface Asked {
  readonly settings: Required<AnalyzerOptions>
  /** All tenants when absent. */
  readonly tenant: string | undefined
}

/** Everything that is known of flows and pools. */
export function reportFlows(state: AnalyzerState, asked: Asked): Omit<Report, 'losses'> {
  const flows = toldFlows(state, asked)
  const findings = [...flows.flatMap(findingsOf), ...leakFindings(state.memory, asked.tenant)]
  return {
    flows: flows.map(({ report }) => report()),
    findings,
    ...alertsReport(state, findings, asked),
    pools: poolReports(state.pools, asked.tenant, (one) => state.kept.has(one)),
    processes: processReports(state.memory, asked.tenant),
  }
}

/** The findings alone: no flow's figures are computed for them. */
export function allFindings(state: AnalyzerState, asked: Asked): readonly Finding[] {
  const leaks = leakFindings(state.memory, asked.tenant)
  return [...toldFlows(state, asked).flatMap(findingsOf), ...leaks]
}

/** The alerts alone. */
export function allAlerts(state: AnalyzerState, asked: Asked): AlertsReport {
  return alertsReport(state, allFindings(state, asked), asked)
}

interface ToldFlow {
  readonly key: string
  readonly findings: () => FlowFindings
  readonly report: () => FlowReport
}

/** All flows, those that sleep included, in the order of their keys. */
function toldFlows(state: AnalyzerState, { settings, tenant }: Asked): ToldFlow[] {
  const isAsked = (one: { readonly tenant: string }) =>
    tenant === undefined || one.tenant === tenant
  const told: ToldFlow[] = []
  for (const flow of state.flows.active())
    if (isAsked(flow))
      told.push({
        key: flow.key,
        findings: () => ({ findings: findingsNow(state, flow), resolved: flow.resolved }),
        report: () => reportOf(state, flow, settings),
      })
  for (const { report, findings } of state.flows.sleeping())
    if (isAsked(report))
      told.push({ key: flowKey(report), findings: () => findings, report: () => report })
  return told.sort((a, b) => (a.key < b.key ? -1 : 1))
}

function findingsOf(flow: ToldFlow): readonly Finding[] {
  const { findings, resolved } = flow.findings()
  return [...findings, ...resolved]
}

/** It stays what it is until an execution of the flow enters. */
function reportOf(
  { reports, marks, usual }: AnalyzerState,
  flow: FlowState,
  settings: Required<AnalyzerOptions>,
): FlowReport {
  const known = reports.get(flow)
  if (known !== undefined) return known
  usual.settle(flow)
  const report = flowReport(flow, settings, marks)
  reports.set(flow, report)
  return report
}
