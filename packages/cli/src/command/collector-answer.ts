import type { Answer, Plain } from '@qflow-otel/analyzer'
import { QUERY_SCHEMA_VERSION } from '@qflow-otel/collector'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { isObject, type JsonObject } from '../json-object.ts'
import type { DrawnExecution } from '../render/drawn-execution.ts'
import { visible } from '../text/visible.ts'

/** The body as an answer of this version. Throws `Failure` when something else answers at the address. */
export function wholeAnswer(body: string, base: URL): JsonObject {
  const value = parsed(body)
  if (!isObject(value) || !('schemaVersion' in value)) {
    throw notACollector(`${visible(base.href)} answers, but not as a qflow-otel collector does`)
  }
  if (value['schemaVersion'] === QUERY_SCHEMA_VERSION) return value
  const found = visible(String(value['schemaVersion']))
  throw notACollector(
    `the collector at ${visible(base.href)} answers in schema version ${found}, this command reads ${QUERY_SCHEMA_VERSION}: use the same version of both`,
  )
}

/** Throws `Failure` when a member that is printed is missing or of another type. */
export function answerOf({ answer }: JsonObject): Plain<Answer> {
  const isFit =
    isObject(answer) &&
    isText(answer['id']) &&
    isText(answer['headline']) &&
    isList(answer['facts'], isText) &&
    isObject(answer['evidence']) &&
    isList(answer['evidence']['traceIds'], isText) &&
    isObject(answer['evidence']['figures'])
  if (!isFit) throw notACollector('the collector sent an answer without its headline or facts')
  // Every member that is printed was checked above.
  return answer as unknown as Plain<Answer>
}

/** Throws `Failure` when a member that is drawn is missing or of another type. */
export function executionOf({ execution: report }: JsonObject): DrawnExecution {
  const execution = isObject(report) ? report['execution'] : undefined
  const isFit =
    isObject(report) &&
    isObject(execution) &&
    ['executionId', 'flowId', 'startUnixNs'].every((name) => isText(execution[name])) &&
    ['durationNs', 'spanCount'].every((name) => isNumber(execution[name])) &&
    isList(execution['spans'], isSpan) &&
    isList(report['path'], isSegment)
  if (!isFit) throw notACollector('the collector sent an execution without its spans or path')
  // Every member that is drawn was checked above.
  return report as unknown as DrawnExecution
}

/** Ids of flows, then of executions; what is no id is left out. */
export function idsOf(report: JsonObject, executions: JsonObject): readonly string[] {
  const flows = isObject(report['report']) ? report['report']['flows'] : []
  return [
    ...membersNamed(flows, 'flowId'),
    ...membersNamed(executions['executions'], 'executionId'),
  ]
}

function membersNamed(list: unknown, name: string): readonly string[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((item: unknown) => {
    const id = isObject(item) ? item[name] : undefined
    return isText(id) ? [id] : []
  })
}

function isSpan(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['name']) &&
    isText(value['role']) &&
    ['startNs', 'endNs', 'depth'].every((name) => isNumber(value[name]))
  )
}

function isSegment(value: unknown): boolean {
  return isObject(value) && isNumber(value['startNs']) && isNumber(value['endNs'])
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

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}
