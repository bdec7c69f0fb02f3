/** How much room there is; the only thing a renderer knows of the terminal. */
export interface Layout {
  readonly width: number
}

/** Longer lines are hard to follow with the eye, shorter ones cannot hold the tables. */
const WIDEST = 100
const NARROWEST = 60

/** 80 columns where nobody says otherwise, as when output goes to a file. */
export function layoutFor(columns: number | undefined): Layout {
  return { width: Math.min(WIDEST, Math.max(NARROWEST, columns ?? 80)) }
}
