import {
  type LevelRows,
  REGION_COUNT,
  REGIONS,
  SHAPE_TOTAL,
  SHARES,
  WHOLE_COUNT,
} from './level-rows.ts'
import { SHAPE_BETTOR_COUNT, type Shape } from './shape.ts'

/** In place of a border above the last region: beyond every key. */
const ABOVE_ALL = 2 ** 31 - 1

/** Writes a shape into its row. */
export function putShape({ wholes }: LevelRows, row: number, shape: Shape): void {
  const { borders, counts, shares, total } = shape
  const at = row * WHOLE_COUNT
  wholes[at + SHAPE_TOTAL] = total
  wholes[at + REGION_COUNT] = counts.length
  for (const [region, count] of counts.entries()) {
    wholes[at + REGIONS + 2 * region] = borders[region] ?? ABOVE_ALL
    wholes[at + REGIONS + 2 * region + 1] = count
  }
  wholes.set(shares, at + SHARES)
}

/** The shape in a row; absent when none was drawn. */
export function shapeAt(rows: LevelRows, row: number): Shape | undefined {
  const wholes = rows.wholes.subarray(row * WHOLE_COUNT, (row + 1) * WHOLE_COUNT)
  // The places hold what was put there.
  const total = wholes[SHAPE_TOTAL] as number
  if (total === 0) return undefined
  const count = wholes[REGION_COUNT] as number
  const regions = Array.from(wholes.subarray(REGIONS, REGIONS + 2 * count))
  return {
    borders: regions.filter((_, index) => index % 2 === 0).slice(0, -1),
    counts: regions.filter((_, index) => index % 2 === 1),
    shares: Array.from(wholes.subarray(SHARES, SHARES + count * SHAPE_BETTOR_COUNT)),
    total,
  }
}

/** Counts a key that joined the baseline in its region, where a shape was drawn. */
export function countInRegion({ wholes }: LevelRows, row: number, key: number): void {
  const at = row * WHOLE_COUNT
  if (wholes[at + SHAPE_TOTAL] === 0) return
  let region = at + REGIONS
  // Indices below the length: no key lies above the last region.
  while (key >= (wholes[region] as number)) region += 2
  wholes[region + 1] = (wholes[region + 1] as number) + 1
}
