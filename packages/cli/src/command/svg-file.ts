import type { Option } from '../option/option.ts'
import { lastOf, type Parsed } from '../option/parse-options.ts'
import { writeOutputFile } from '../output-file.ts'
import type { DrawnExecution } from '../render/drawn-execution.ts'
import { svgWaterfall } from '../render/svg/svg-waterfall.ts'

/** See `svgWaterfall`. */
export const SVG_OPTION: Option = {
  name: 'svg',
  value: 'FILE',
  sentence: 'Draw the execution as a picture that stands alone (SVG, light and dark).',
}

/** Writes the picture where one was asked for. Throws `Failure` when it cannot be written. */
export function writeSvg(parsed: Parsed, execution: DrawnExecution): void {
  const file = lastOf(parsed, 'svg')
  if (file !== undefined) writeOutputFile(file, svgWaterfall(execution))
}
