import { normal, type RandomStream } from '../../packages/analyzer/src/stats/random-stream.ts'

/** A heap in MB by hours since the process began, noise apart. */
export interface HeapShape {
  readonly name: string
  /** `unclear`: no leak, and nothing tells it from one before it comes back. */
  readonly kind: 'healthy' | 'leak' | 'unclear'
  source(random: RandomStream): (hours: number) => number
}

const healthy: readonly Omit<HeapShape, 'kind'>[] = [
  { name: 'plateau', source: () => () => 100 },
  { name: 'plateau, AR(1) 0.8, deviation 5 %', source: (random) => plateauWith(random, 0.8) },
  { name: 'plateau, AR(1) 0.95, deviation 5 %', source: (random) => plateauWith(random, 0.95) },
  { name: 'saw-tooth, 20 min, +60 %', source: (random) => sawTooth(random, 1 / 3) },
  { name: 'saw-tooth, 1 h, +60 %', source: (random) => sawTooth(random, 1) },
  { name: 'warm-up, time constant 5 min', source: () => (hours) => warmUp(hours, 5) },
  { name: 'warm-up, time constant 20 min', source: () => (hours) => warmUp(hours, 20) },
  { name: 'warm-up like a logarithm', source: () => (hours) => 60 + 20 * Math.log1p(60 * hours) },
  { name: 'a step of +50 %', source: (random) => steps(random, [0.5]) },
  { name: 'two steps of +25 %', source: (random) => steps(random, [0.25, 0.25]) },
]
const leaking: readonly Omit<HeapShape, 'kind'>[] = [
  { name: 'leak, 5 MB/h on 100 MB', source: () => (hours) => 100 + 5 * hours },
  { name: 'leak, 20 MB/h on 100 MB', source: () => (hours) => 100 + 20 * hours },
  {
    name: 'leak, 20 MB/h after a warm-up',
    source: () => (hours) => warmUp(hours, 10) + 20 * hours,
  },
  {
    name: 'leak, 20 MB/h under a saw-tooth of 20 min',
    source: (random) => {
      const saw = sawTooth(random, 1 / 3)
      return (hours) => saw(hours) + 20 * hours
    },
  },
  {
    name: 'leak, 20 MB/h after twelve calm hours',
    source: () => (hours) => 100 + 20 * Math.max(0, hours - 12),
  },
]
const unclear: readonly Omit<HeapShape, 'kind'>[] = [
  { name: 'saw-tooth, 5 h, +60 %', source: (random) => sawTooth(random, 5) },
  {
    name: 'day and night, ±20 %',
    source: (random) => {
      const phase = random()
      return (hours) => 100 + 20 * Math.sin(2 * Math.PI * (hours / 24 + phase))
    },
  },
]
export const heapShapes: readonly HeapShape[] = [
  ...healthy.map((shape) => ({ ...shape, kind: 'healthy' as const })),
  ...leaking.map((shape) => ({ ...shape, kind: 'leak' as const })),
  ...unclear.map((shape) => ({ ...shape, kind: 'unclear' as const })),
]

function plateauWith(random: RandomStream, correlation: number): () => number {
  const next = autoregressive(random, correlation)
  return () => 100 * (1 + 0.05 * next())
}

function sawTooth(random: RandomStream, hoursPerTooth: number): (hours: number) => number {
  const phase = random()
  return (hours) => 100 + 60 * ((hours / hoursPerTooth + phase) % 1)
}

function warmUp(hours: number, minutes: number): number {
  return 60 + 80 * (1 - Math.exp((-60 * hours) / minutes))
}

function steps(random: RandomStream, ratios: readonly number[]): (hours: number) => number {
  const at = ratios.map((ratio, index) => ({ ratio, hours: (index + random()) * 4 + 0.5 }))
  return (hours) =>
    100 * at.reduce((level, step) => level + (hours < step.hours ? 0 : step.ratio), 1)
}

/** Deviation 1. */
export function autoregressive(random: RandomStream, keep: number): () => number {
  let value = normal(random)
  return () => {
    value = keep * value + Math.sqrt(1 - keep * keep) * normal(random)
    return value
  }
}
