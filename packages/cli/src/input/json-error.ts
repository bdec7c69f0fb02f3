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

const BLANK = /[ \t\n\r]*/y
/** A mark, a number or a word. Source: RFC 8259. */
const PLAIN_TOKEN =
  /[{}[\],:]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true|false|null/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not hold them
const PLAIN_CHARACTERS = /[^"\\\x00-\x1f]*/y
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
    position = endOf(BLANK, text, position) ?? position
    const isDone = expected === 'more' && open.length === 0
    const end = tokenEnd(text, position)
    const next: Expected | undefined =
      end === undefined ? undefined : step(expected, text.slice(position, end), open)
    if (end === undefined || next === undefined) {
      return { position, expected: isDone ? 'the end' : WORDS[expected] }
    }
    expected = next
    position = end
  }
}

/** What may follow the token; nothing when the token may not stand here. */
function step(expected: Expected, token: string, open: ('{' | '[')[]): Expected | undefined {
  const mark = token[0]
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
  return text[start] === '"' ? stringEnd(text, start) : endOf(PLAIN_TOKEN, text, start)
}

/** A loop over short matches: one pattern for whole strings would try a cut one in exponentially many ways. */
function stringEnd(text: string, start: number): number | undefined {
  let at: number | undefined = start + 1
  while (at !== undefined) {
    at = endOf(PLAIN_CHARACTERS, text, at) ?? at
    if (text[at] === '"') return at + 1
    at = endOf(ESCAPE, text, at)
  }
  return undefined
}

/** Where the sticky pattern ends when it stands at `start`. */
function endOf(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : undefined
}
