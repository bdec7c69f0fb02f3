import type { FlowDefinition } from '../models/FlowDefinition.ts'
import { checkFlow, type FlowIssue } from './FlowCheck.ts'
import { JsonSyntaxError, lineAndColumn, readJson } from './JsonReader.ts'

/** A flow when there are no errors; warnings do not keep it from running. */
export interface ParseResult {
  readonly success: boolean
  readonly flow?: FlowDefinition
  readonly errors: readonly FlowIssue[]
  readonly warnings: readonly FlowIssue[]
}

/** A larger text is refused unread. */
const maxTextLength = 4 * 1024 * 1024

/** Reads flow definitions written in JSON. */
export class FlowParser {
  /** Never throws: a text that is no flow gives errors with JSON pointer, line and column. */
  parseFlow(text: string, format: 'auto' | 'json' = 'auto'): ParseResult {
    if (format !== 'auto' && format !== 'json')
      return refused('JSON', `the format ${String(format)}`)
    if (text.length > maxTextLength) {
      return refused(`at most ${maxTextLength} characters`, String(text.length))
    }
    try {
      return this.checkText(text)
    } catch (error) {
      if (error instanceof JsonSyntaxError) return syntaxIssue(text, error)
      throw error
    }
  }

  checkText(text: string): ParseResult {
    const { value, offsets } = readJson(text)
    const locate = (issue: FlowIssue): FlowIssue => ({
      ...issue,
      ...lineAndColumn(text, offsetOf(offsets, issue.pointer)),
    })
    const checked = checkFlow(value)
    if (checked.kind === 'issues') {
      return { success: false, errors: checked.issues.map(locate), warnings: [] }
    }
    const warnings = this.findUnreachableSteps(checked.flow).map(locate)
    return { success: true, flow: checked.flow, errors: [], warnings }
  }

  /** Steps of the list that neither the first step nor a parallel step leads to. */
  findUnreachableSteps(flow: FlowDefinition): FlowIssue[] {
    const byId = new Map(flow.steps.map((step) => [step.id, step]))
    const reached = new Set<string>()
    const open = flow.steps.slice(0, 1).map((step) => step.id)
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const step = byId.get(id)
      if (step === undefined || reached.has(id)) continue
      reached.add(id)
      const { onTrue, onFalse, steps } = step.params
      const named = [step.onSuccess, step.onFailure, step.onTrue, step.onFalse, onTrue, onFalse]
      const children: readonly unknown[] = Array.isArray(steps) ? steps : []
      open.push(...[...named, ...children].filter((next) => typeof next === 'string'))
    }
    return flow.steps.flatMap((step, index) =>
      reached.has(step.id)
        ? []
        : [{ pointer: `/steps/${index}`, expected: 'a step that leads here', found: 'none' }],
    )
  }
}

/** The parser of the process. */
export const flowParser: FlowParser = new FlowParser()

/** Of something absent, where its nearest present container stands. */
function offsetOf(offsets: ReadonlyMap<string, number>, pointer: string): number {
  let at = pointer
  while (at !== '' && !offsets.has(at)) at = at.slice(0, at.lastIndexOf('/'))
  return offsets.get(at) ?? 0
}

function refused(expected: string, found: string): ParseResult {
  return { success: false, errors: [{ pointer: '', expected, found }], warnings: [] }
}

function syntaxIssue(text: string, error: JsonSyntaxError): ParseResult {
  const { expected, found, offset } = error
  const issue = { pointer: '', expected, found, ...lineAndColumn(text, offset) }
  return { success: false, errors: [issue], warnings: [] }
}
