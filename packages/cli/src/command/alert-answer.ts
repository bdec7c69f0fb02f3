import type { Alert, AlertsReport, Plain } from '@qflow-otel/analyzer'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { isObject, type JsonObject } from '../json-object.ts'

/** Throws `Failure` when a member that is printed is missing or of another type. */
export function alertListOf({
  alerts,
  calibrations,
  falseAlarms,
}: JsonObject): Plain<AlertsReport> {
  const isFit =
    Array.isArray(alerts) &&
    alerts.every(isAlert) &&
    Array.isArray(calibrations) &&
    calibrations.every(isCalibration) &&
    isFalseAlarms(falseAlarms)
  if (!isFit) throw misfit()
  // Every member that is printed was checked above.
  return { alerts, calibrations, falseAlarms } as unknown as Plain<AlertsReport>
}

/** Throws `Failure` when a member that is printed is missing or of another type. */
export function alertOf({ alert }: JsonObject): Plain<Alert> {
  if (!isAlert(alert)) throw misfit()
  // As above.
  return alert as Plain<Alert>
}

function isFalseAlarms(value: unknown): boolean {
  if (!isObject(value) || typeof value['budgetExecutions'] !== 'number') return false
  const { replayed } = value
  const isMeasured =
    isObject(replayed) &&
    ['value', 'low', 'high', 'n'].every((name) => typeof replayed[name] === 'number')
  return (replayed === undefined || isMeasured) && typeof value['falsePositiveCount'] === 'number'
}

function isAlert(value: unknown): boolean {
  const texts = ['id', 'status', 'state', 'severity', 'sentence', 'openedUnixNs', 'updatedUnixNs']
  return (
    isObject(value) &&
    texts.every((name) => typeof value[name] === 'string') &&
    Array.isArray(value['flowIds']) &&
    typeof value['reopenedCount'] === 'number'
  )
}

function isCalibration(value: unknown): boolean {
  return isObject(value) && typeof value['flowId'] === 'string' && Array.isArray(value['alertIds'])
}

function misfit(): Failure {
  const message = 'the collector sent alerts in another form: use the same version of both'
  return new Failure({ code: EXIT.connection, message, advice: [] })
}
