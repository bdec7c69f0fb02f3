import type { Execution, ExecutionReport, ExecutionSpan, Plain } from '@qflow-otel/analyzer'

/**
 * `Plain<ExecutionReport>`, with attributes taken as unknown: attribute values nest in themselves, which `Plain`
 * cannot unfold, and the page prints them without looking inside.
 */
export interface ExecutionAnswer extends Plain<Omit<ExecutionReport, 'execution'>> {
  readonly execution: Plain<Omit<Execution, 'spans'>> & { readonly spans: readonly SpanAnswer[] }
}

export interface SpanAnswer extends Plain<Omit<ExecutionSpan, 'attributes'>> {
  readonly attributes: Readonly<Record<string, unknown>>
}
