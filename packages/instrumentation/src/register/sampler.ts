import type { LoadedModule } from './resolver.ts'
import type { Environment } from './start-sdk.ts'

type SamplerClass = new (...args: unknown[]) => unknown

/** The sampler that the standard variables ask for; `undefined` leaves the SDK's default. */
export function samplerFrom(environment: Environment, sdk: LoadedModule): unknown {
  const name = environment['OTEL_TRACES_SAMPLER']?.trim().toLowerCase()
  if (!name) return undefined
  const make = (className: string, ...args: unknown[]): unknown => {
    const Sampler = sdk.exports[className]
    // A class of the SDK by its documented name.
    return typeof Sampler === 'function' ? new (Sampler as SamplerClass)(...args) : undefined
  }
  const argument = Number(environment['OTEL_TRACES_SAMPLER_ARG'] ?? 1)
  const ratio = argument >= 0 && argument <= 1 ? argument : 1
  const root = name.replace(/^parentbased_/, '')
  const samplers: Readonly<Record<string, () => unknown>> = {
    always_on: () => make('AlwaysOnSampler'),
    always_off: () => make('AlwaysOffSampler'),
    traceidratio: () => make('TraceIdRatioBasedSampler', ratio),
  }
  const sampler = samplers[root]?.()
  return sampler && name.startsWith('parentbased_')
    ? make('ParentBasedSampler', { root: sampler })
    : sampler
}
