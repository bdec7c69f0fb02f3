/** Whether a text is one JSON value. Why it is not does not matter here: whoever reads it says that, with its position. */
export function isWholeJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
