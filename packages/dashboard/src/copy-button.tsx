import type { VNode } from 'preact'
import { useState } from 'preact/hooks'

/** Puts `text` on the clipboard and says whether that worked. */
export function CopyButton({ text, what }: { text: string; what: string }): VNode {
  const [outcome, setOutcome] = useState<'copied' | 'copy by hand' | undefined>(undefined)
  const copy = () => {
    // Absent where the page is neither on loopback nor on https.
    const clipboard: Clipboard | undefined = navigator.clipboard
    if (clipboard === undefined) return setOutcome('copy by hand')
    clipboard.writeText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('copy by hand'),
    )
  }
  return (
    <button type="button" class="copy" aria-label={`copy ${what}`} onClick={copy}>
      <span aria-live="polite">{outcome ?? 'copy'}</span>
    </button>
  )
}
