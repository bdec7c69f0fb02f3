import { bytes, percent } from './text/quantity.ts'
import type { TextSink } from './text-sink.ts'

/** Smaller input is read before anybody has looked at a bar. */
export const MIN_PROGRESS_BYTES = 8 * 1024 * 1024
/** A bar that moves more often than this flickers. */
const MIN_REDRAW_MS = 100
const BAR_WIDTH = 24

/** What is told while input is read. */
export interface Progress {
  add(byteCount: number): void
  /** Takes the bar away, so that text can be printed. */
  clear(): void
}

const SILENT: Progress = { add: () => {}, clear: () => {} }

/** A bar on a terminal while much input is read, and nothing otherwise. */
export function progressBar(
  sink: TextSink,
  { totalBytes, nowMs }: { totalBytes: number; nowMs: () => number },
): Progress {
  if (!sink.isTty || totalBytes <= MIN_PROGRESS_BYTES) return SILENT
  const startMs = nowMs()
  let readBytes = 0
  let drawnMs = startMs
  let isDrawn = false
  return {
    add(byteCount) {
      readBytes += byteCount
      if (nowMs() - drawnMs < MIN_REDRAW_MS) return
      drawnMs = nowMs()
      isDrawn = true
      const ratio = Math.min(1, readBytes / totalBytes)
      const bytesPerSec = (readBytes / Math.max(1, drawnMs - startMs)) * 1_000
      sink.write(`\r${barText({ ratio, readBytes, totalBytes, bytesPerSec })}\x1b[K`)
    },
    clear() {
      if (isDrawn) sink.write('\r\x1b[K')
      isDrawn = false
    },
  }
}

function barText(state: {
  ratio: number
  readBytes: number
  totalBytes: number
  bytesPerSec: number
}): string {
  const full = Math.round(state.ratio * BAR_WIDTH)
  const bar = `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}`
  const share = percent(state.ratio).padStart(6)
  return `reading ${bar} ${share}  ${bytes(state.readBytes)} of ${bytes(state.totalBytes)}, ${bytes(state.bytesPerSec)}/s`
}
