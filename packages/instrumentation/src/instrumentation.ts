import type { MeterProvider, TracerProvider } from '@opentelemetry/api'
import type { LoggerProvider } from '@opentelemetry/api-logs'
import {
  InstrumentationBase,
  type InstrumentationModuleDefinition,
} from '@opentelemetry/instrumentation'
import { type Attachment, createAttachment } from './attachment.ts'
import { findPackageVersion } from './loading/installed.ts'
import { moduleDefinitions } from './loading/module-definitions.ts'
import { scheduleReachReport } from './loading/reach-report.ts'
import { INSTRUMENTATION_NAME, INSTRUMENTATION_VERSION } from './scope.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'
import type { QflowInstrumentationConfig } from './types.ts'

/** Turns the executions and steps of Qflow into spans, metrics and events. */
export class QflowInstrumentation extends InstrumentationBase<QflowInstrumentationConfig> {
  // Declared only: the base constructor calls `init` and `enable` before initialisers of this class would run.
  declare private telemetry: Telemetry
  declare private attachment: Attachment
  declare private cancelReport: (() => void) | undefined

  constructor(config: QflowInstrumentationConfig = {}) {
    super(INSTRUMENTATION_NAME, INSTRUMENTATION_VERSION, config)
  }

  protected override init(): InstrumentationModuleDefinition[] {
    this.prepare()
    return moduleDefinitions({
      packageNames: this.telemetry.settings.packageNames,
      attachment: () => this.attachment,
      warn: (message) => this._diag.warn(message),
    })
  }

  override enable(): void {
    this.prepare()
    if (this.telemetry.settings.isSwitchedOff) return
    super.enable()
    this.telemetry.sampler.start()
    this.cancelReport?.()
    this.cancelReport = scheduleReachReport({
      reach: this.telemetry.reach,
      packageNames: this.telemetry.settings.packageNames,
      log: this.telemetry.faults.log,
    })
  }

  /** Restores every method identically; spans that are open end by themselves. */
  override disable(): void {
    super.disable()
    this.cancelReport?.()
    this.attachment.detachAll()
    this.telemetry.sampler.stop()
  }

  override setConfig(config: QflowInstrumentationConfig = {}): void {
    super.setConfig(config)
    this.telemetry?.configure(config)
  }

  override setTracerProvider(provider: TracerProvider): void {
    super.setTracerProvider(provider)
    this.telemetry.setTracerProvider(provider)
  }

  override setMeterProvider(provider: MeterProvider): void {
    super.setMeterProvider(provider)
    this.telemetry.metrics.setProvider(provider)
  }

  override setLoggerProvider(provider: LoggerProvider): void {
    super.setLoggerProvider(provider)
    this.telemetry.events.setProvider(provider)
  }

  private prepare(): void {
    this.telemetry ??= createTelemetry(this.getConfig())
    this.attachment ??= createAttachment(this.telemetry)
    // The base looks for package.json beside each file and warns for every one of a symlinked package. Where a later base
    // no longer has the method, this one is never called.
    Object.defineProperty(this, '_extractPackageVersion', {
      value: findPackageVersion,
      configurable: true,
    })
  }
}
