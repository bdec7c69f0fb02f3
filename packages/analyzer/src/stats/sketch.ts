/**
 * How many values fell into each of many narrow bins: quantiles with a bounded relative error.
 *
 * Plain data. Bin `firstKey + i` counts the values in `(GAMMA^(k-1), GAMMA^k]`; zeros have their own count.
 */
export interface Sketch {
  count: number
  zeroCount: number
  /** Smallest and largest value; absent while empty. */
  min: number | undefined
  max: number | undefined
  firstKey: number
  readonly bins: number[]
}

/** The sparse JSON form: `[key, count, key, count, …]` in order of key. */
export interface SketchJson {
  readonly zeroCount: number
  readonly min?: number
  readonly max?: number
  readonly pairs: readonly number[]
}

/** Every quantile lies within 1 % of a value that has the asked-for rank. */
export const SKETCH_ERROR_RATIO = 0.01

const GAMMA = (1 + SKETCH_ERROR_RATIO) / (1 - SKETCH_ERROR_RATIO)
/** Width of a bin, in logarithms. */
export const SKETCH_BIN_LOG: number = Math.log(GAMMA)
/** 1,024 bins span a factor of 8e8: from 1 ms to 9 days. Below it the lowest bins are merged, as DDSketch does. */
const MAX_BIN_COUNT = 1024
/** Below the smallest normal number a value counts as zero. */
const SMALLEST_VALUE = 2 ** -1022

export function emptySketch(): Sketch {
  return { count: 0, zeroCount: 0, min: undefined, max: undefined, firstKey: 0, bins: [] }
}

/**
 * Counts a value; false when it is no finite number >= 0, and then nothing changes. O(1) amortised.
 *
 * Source: Masson, Rim, Lee, "DDSketch", PVLDB 12 (2019), collapsing the lowest bins.
 */
export function insert(sketch: Sketch, value: number): boolean {
  if (!(value >= 0) || value === Number.POSITIVE_INFINITY) return false
  sketch.count += 1
  widen(sketch, value)
  if (value < SMALLEST_VALUE) sketch.zeroCount += 1
  else addToBin(sketch, binKey(value), 1)
  return true
}

/** Where numbers stand in a table that is written row by row: one of each row. */
export interface Column {
  readonly figures: Float64Array
  readonly from: number
  readonly end: number
  readonly rowLength: number
}

/** Counts the numbers of a column: exactly what inserting them one by one would have given. */
export function insertColumn(sketch: Sketch, { figures, from, end, rowLength }: Column): void {
  const { bins } = sketch
  let last = Number.NaN
  let index = 0
  for (let at = from; at < end; at += rowLength) {
    // A position below the length.
    const value = figures[at] as number
    if (!(value >= 0) || value === Number.POSITIVE_INFINITY) continue
    sketch.count += 1
    if (value < SMALLEST_VALUE) {
      sketch.zeroCount += 1
      widen(sketch, value)
      continue
    }
    // What takes the same time each time has the same bin, and a logarithm costs more than all the rest.
    if (value !== last) {
      const key = binKey(value)
      if (!isInside(sketch, key)) widen(sketch, value)
      index = roomFor(sketch, key)
      last = value
    }
    bins[index] = (bins[index] as number) + 1
  }
}

/** Between the outermost bins nothing is the smallest or largest: these need not be fetched, each from a place of its own. */
function isInside({ firstKey, bins }: Sketch, key: number): boolean {
  return key > firstKey && key < firstKey + bins.length - 1
}

/** Written when they change only: a number of an object has a place of its own, and each write makes a new one. */
function widen(sketch: Sketch, value: number): void {
  if (sketch.min === undefined || value < sketch.min) sketch.min = value
  if (sketch.max === undefined || value > sketch.max) sketch.max = value
}

/** Adds all of `other`: exactly what inserting its values one by one would have given. */
export function mergeInto(sketch: Sketch, other: Sketch): void {
  sketch.count += other.count
  sketch.zeroCount += other.zeroCount
  if (other.min !== undefined) sketch.min = Math.min(sketch.min ?? other.min, other.min)
  if (other.max !== undefined) sketch.max = Math.max(sketch.max ?? other.max, other.max)
  // From above, so that what falls off the lower end is merged once.
  for (let index = other.bins.length - 1; index >= 0; index -= 1) {
    const count = other.bins[index] ?? 0
    if (count > 0) addToBin(sketch, other.firstKey + index, count)
  }
}

/**
 * Halves every count, so that what comes next weighs more than what was; counts become fractions, and a bin with less than
 * a sixteenth is emptied. Smallest and largest value stay those of all.
 */
export function halve(sketch: Sketch): void {
  sketch.zeroCount /= 2
  sketch.count = sketch.zeroCount
  const { bins } = sketch
  for (let index = 0; index < bins.length; index += 1) {
    const half = (bins[index] ?? 0) / 2
    bins[index] = half < 1 / 16 ? 0 : half
    sketch.count += bins[index] ?? 0
  }
}

/** The value of 1-based rank `rank`, within the sketch's error; absent outside 1..count. O(bins). */
export function valueOfRank(sketch: Sketch, rank: number): number | undefined {
  if (rank < 1 || rank > sketch.count || sketch.min === undefined || sketch.max === undefined) {
    return undefined
  }
  let below = sketch.zeroCount
  if (rank <= below) return 0
  for (let index = 0; index < sketch.bins.length; index += 1) {
    below += sketch.bins[index] ?? 0
    if (rank <= below) return clamp(binValue(sketch.firstKey + index), sketch.min, sketch.max)
  }
  return sketch.max
}

export function sketchToJson(sketch: Sketch): SketchJson {
  const pairs: number[] = []
  for (const [index, count] of sketch.bins.entries()) {
    if (count > 0) pairs.push(sketch.firstKey + index, count)
  }
  const range = sketch.min === undefined ? {} : { min: sketch.min, max: sketch.max ?? sketch.min }
  return { zeroCount: sketch.zeroCount, ...range, pairs }
}

export function sketchFromJson(json: SketchJson): Sketch {
  const sketch = emptySketch()
  for (let index = json.pairs.length - 2; index >= 0; index -= 2) {
    const count = json.pairs[index + 1] ?? 0
    addToBin(sketch, json.pairs[index] ?? 0, count)
    sketch.count += count
  }
  sketch.count += json.zeroCount
  sketch.zeroCount = json.zeroCount
  sketch.min = json.min
  sketch.max = json.max
  return sketch
}

function binKey(value: number): number {
  return Math.ceil(Math.log(value) / SKETCH_BIN_LOG)
}

/** The point of a bin that is within 1 % of all its values. */
function binValue(key: number): number {
  return (2 * GAMMA ** key) / (GAMMA + 1)
}

function addToBin(sketch: Sketch, key: number, count: number): void {
  const index = roomFor(sketch, key)
  sketch.bins[index] = (sketch.bins[index] ?? 0) + count
}

/** Where the bin of a key stands, which is there then. */
function roomFor(sketch: Sketch, key: number): number {
  const { bins } = sketch
  if (bins.length === 0) sketch.firstKey = key
  const lastKey = sketch.firstKey + bins.length - 1
  if (key > lastKey) extendUp(sketch, key)
  else if (key < sketch.firstKey) extendDown(sketch, Math.max(key, lastKey - MAX_BIN_COUNT + 1))
  return Math.max(key, sketch.firstKey) - sketch.firstKey
}

function extendUp(sketch: Sketch, key: number): void {
  const { bins } = sketch
  const surplus = key - sketch.firstKey + 1 - MAX_BIN_COUNT
  if (surplus > 0) {
    const merged = bins.splice(0, Math.min(surplus, bins.length)).reduce((sum, n) => sum + n, 0)
    sketch.firstKey += surplus
    if (merged > 0) bins[0] = (bins[0] ?? 0) + merged
  }
  while (sketch.firstKey + bins.length <= key) bins.push(0)
}

function extendDown(sketch: Sketch, key: number): void {
  const missing = sketch.firstKey - key
  if (missing <= 0) return
  sketch.bins.unshift(...new Array<number>(missing).fill(0))
  sketch.firstKey = key
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
