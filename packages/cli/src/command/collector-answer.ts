import type { Answer, Plain } from '@qflow-otel/analyzer'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import type { DrawnExecution } from '../render/drawn-execution.ts'
import { visible } from '../text/visible.ts'

type Members = Readonly<Record<string, unknown>>

const SCHEMA_VERSION = 1

/** The body as an answer of this version. Throws `Failure` when something else answers at the address. */
export function wholeAnswer(body: string, base: URL): Members {
  const value = parsed(body)
  if (!isMembers(value) || !('schemaVersion' in value)) {
    throw notACollector(`${visible(base.href)} answers, but not as a qflow-otel collector does`)
  }
  if (value['schemaVersion'] === SCHEMA_VERSION) return value
  const found = visible(String(value['schemaVersion']))
  throw notACollector(
    `the collector at ${visible(base.href)} answers in schema version ${found}, this command reads ${SCHEMA_VERSION}: use the same version of both`,
  )
}

export function answerOf({ answer }: Members): Plain<Answer> {
  const isFit =
    isMembers(answer) &&
    isText(answer['id']) &&
    isText(answer['headline']) &&
    isList(answer['facts'], isText) &&
    isMembers(answer['evidence']) &&
    isList(answer['evidence']['traceIds'], isText) &&
    isMembers(answer['evidence']['figures'])
  if (!isFit) throw notACollector('the collector sent an answer without its headline or facts')
  // Every member that is printed was checked above.
  return answer as unknown as Plain<Answer>
}

export function executionOf({ execution: report }: Members): DrawnExecution {
  const execution = isMembers(report) ? report['execution'] : undefined
  const isFit =
    isMembers(report) &&
    isMembers(execution) &&
    ['executionId', 'flowId', 'startUnixNs'].every((name) => isText(execution[name])) &&
    ['durationNs', 'spanCount'].every((name) => isNumber(execution[name])) &&
    isList(execution['spans'], isSpan) &&
    isList(report['path'], isSegment)
  if (!isFit) throw notACollector('the collector sent an execution without its spans or path')
  // Every member that is drawn was checked above.
  return report as unknown as DrawnExecution
}

/** Ids of flows, then of executions; what is no id is left out. */
export function idsOf(report: Members, executions: Members): readonly string[] {
  const flows = isMembers(report['report']) ? report['report']['flows'] : []
  return [
    ...membersNamed(flows, 'flowId'),
    ...membersNamed(executions['executions'], 'executionId'),
  ]
}

function membersNamed(list: unknown, name: string): readonly string[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((item: unknown) => {
    const id = isMembers(item) ? item[name] : undefined
    return isText(id) ? [id] : []
  })
}

function isSpan(value: unknown): boolean {
  return (
    isMembers(value) &&
    isText(value['name']) &&
    isText(value['role']) &&
    ['startNs', 'endNs', 'depth'].every((name) => isNumber(value[name]))
  )
}

function isSegment(value: unknown): boolean {
  return isMembers(value) && isNumber(value['startNs']) && isNumber(value['endNs'])
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // No JSON is no answer of a collector; the caller says so.
    return undefined
  }
}

function notACollector(message: string): Failure {
  const advice = ['Name the collector with --url URL.']
  return new Failure({ code: EXIT.connection, message, advice })
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}
