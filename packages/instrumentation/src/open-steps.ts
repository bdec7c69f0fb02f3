/** Counts open steps, to tell whether another one was open at any time while a step was. */
export interface OpenSteps {
  open(): OpenMark
  /** Whether another step was open at some time since `mark`. */
  close(mark: OpenMark): boolean
}

export interface OpenMark {
  readonly order: number
  readonly hadCompany: boolean
}

export function createOpenSteps(): OpenSteps {
  let count = 0
  let order = 0
  return {
    open() {
      order++
      count++
      return { order, hadCompany: count > 1 }
    },
    close(mark) {
      count--
      return mark.hadCompany || order !== mark.order
    },
  }
}
