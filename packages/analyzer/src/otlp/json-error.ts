/** Where a text stops being JSON, and what would have had to stand there. */
export interface JsonError {
  readonly position: number
  readonly expected: string
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'more'

const WORDS: Readonly<Record<Expected, string>> = {
  value: 'a JSON value',
  'value or ]': 'a JSON value or "]"',
  key: 'a name in quotes',
  'key or }': 'a name in quotes or "}"',
  colon: '":"',
  more: '"," or the end of the list or object',
}

const MARKS = '{}[],:'
const BLANKS = ' \t\n\r'
/** A number or a word. Source: RFC 8259. */
const PLAIN_TOKEN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true|false|null/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/**
 * Finds the first place where `text` is not JSON; `JSON.parse` names it only for some errors. Called only
 * when `JSON.parse` has refused the text. O(length), a loop with its own stack.
 */
export function findJsonError(text: string): JsonError {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  let position = 0
  for (;;) {
    while (BLANKS.includes(text[position] ?? '-')) position += 1
    const isDone = expected === 'more' && open.length === 0
    const end = tokenEnd(text, position)
    const next: Expected | undefined =
      end === undefined ? undefined : step(expected, text[position], open)
    if (end === undefined || next === undefined) {
      return { position, expected: isDone ? 'the end' : WORDS[expected] }
    }
    expected = next
    position = end
  }
}

/** What may follow the token that begins so; nothing when it may not stand here. */
function step(
  expected: Expected,
  mark: string | undefined,
  open: ('{' | '[')[],
): Expected | undefined {
  if (expected === 'colon') return mark === ':' ? 'value' : undefined
  if (expected === 'more') return afterValue(mark, open)
  if (expected === 'key' || expected === 'key or }') {
    if (mark === '"') return 'colon'
    return mark === '}' && expected === 'key or }' ? closed(open) : undefined
  }
  if (mark === ']' && expected === 'value or ]') return closed(open)
  if (mark === '{' || mark === '[') {
    open.push(mark)
    return mark === '{' ? 'key or }' : 'value or ]'
  }
  return mark === '}' || mark === ']' || mark === ',' || mark === ':' ? undefined : 'more'
}

function afterValue(mark: string | undefined, open: ('{' | '[')[]): Expected | undefined {
  const inside = open.at(-1)
  if (mark === ',') return inside && (inside === '{' ? 'key' : 'value')
  const isEnd = (mark === '}' && inside === '{') || (mark === ']' && inside === '[')
  return isEnd ? closed(open) : undefined
}

function closed(open: ('{' | '[')[]): Expected {
  open.pop()
  return 'more'
}

function tokenEnd(text: string, start: number): number | undefined {
  const first = text[start]
  if (first === undefined) return undefined
  if (MARKS.includes(first)) return start + 1
  return first === '"' ? stringEnd(text, start) : endOf(PLAIN_TOKEN, text, start)
}

/** A loop over characters: one pattern for whole strings would try a cut one in exponentially many ways. */
function stringEnd(text: string, start: number): number | undefined {
  let at = start + 1
  for (;;) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at + 1
    // Control characters may not stand in a string, and the end of the text is not a number.
    if (!(code >= SPACE)) return undefined
    if (code !== BACKSLASH) at += 1
    else {
      const end = endOf(ESCAPE, text, at)
      if (end === undefined) return undefined
      at = end
    }
  }
}

const SPACE = 0x20
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Where the sticky pattern ends when it stands at `start`. */
function endOf(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : undefined
}
