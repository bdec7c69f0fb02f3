import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { type RunningProcess, startProcess } from '../process/start-process.ts'
import { freePort } from '../process/waiting.ts'
import type { Peers } from './peers.ts'

export interface RunningCollector extends RunningProcess {
  readonly port: number
}

/** A Collector that receives OTLP/HTTP and exports all three signals, once it is ready. */
export async function startOtelCollector(
  { otelcol }: Peers,
  config: { readonly folder: string; readonly name: string; readonly exporter: string },
): Promise<RunningCollector> {
  const { folder, name, exporter } = config
  const port = await freePort()
  const file = path.join(folder, `${name}.yaml`)
  const [kind = ''] = exporter.split(':')
  const pipeline = `{ receivers: [otlp], exporters: [${kind}] }`
  writeFileSync(
    file,
    `receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:${port}
exporters:
  ${exporter}
service:
  telemetry:
    metrics: { level: none }
  pipelines:
    traces: ${pipeline}
    metrics: ${pipeline}
    logs: ${pipeline}
`,
  )
  const started = startProcess(otelcol, ['--config', file])
  await started.printed(/Everything is ready/)
  return { ...started, port }
}

export const GENERATED = { traceCount: 50, spansPerTrace: 4, metricCount: 50, logCount: 50 }

/** telemetrygen's traffic on all three signals, `GENERATED` of each, one after the other. Throws when it fails. */
export async function generateTelemetry({ telemetrygen }: Peers, port: number): Promise<void> {
  const { traceCount, spansPerTrace, metricCount, logCount } = GENERATED
  const amounts = {
    traces: ['--traces', `${traceCount}`, '--child-spans', `${spansPerTrace - 1}`],
    metrics: ['--metrics', `${metricCount}`],
    logs: ['--logs', `${logCount}`],
  }
  const target = ['--otlp-http', '--otlp-insecure', '--otlp-endpoint', `127.0.0.1:${port}`]
  for (const [signal, amount] of Object.entries(amounts)) {
    const generator = startProcess(telemetrygen, [signal, '--rate', '0', ...target, ...amount])
    const { code, out, err } = await generator.ended
    if (code !== 0) throw new Error(`telemetrygen ${signal} ended with ${code}:\n${out}\n${err}`)
  }
}
