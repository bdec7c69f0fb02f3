/** Counts open steps, to tell whether another one was open at any time while a step was. */
export interface OpenSteps {
  /** A mark for {@link OpenSteps.close}; a number, since every step takes one. */
  open(): number
  /** Whether another step was open at some time since `mark`. */
  close(mark: number): boolean
}

export function createOpenSteps(): OpenSteps {
  let count = 0
  let order = 0
  return {
    // The step's place in the order of opening, negative when it did not begin alone.
    open() {
      order++
      count++
      return count > 1 ? -order : order
    },
    close(mark) {
      count--
      return mark !== order
    },
  }
}
