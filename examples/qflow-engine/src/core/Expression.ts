import { QflowError } from '../models/QflowError.ts'
import { isPath, lookUpPath, type TemplateScope } from './PathWalker.ts'

type Token =
  | { readonly kind: 'literal'; readonly value: unknown; readonly at: number }
  | { readonly kind: 'path'; readonly text: string; readonly at: number }
  | { readonly kind: 'operator'; readonly text: string; readonly at: number }

/** Far beyond what a condition needs; the reader recurses once for each level. */
const maxLength = 2_000
const maxDepth = 64
const tokenPattern =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|\$\{([^{}]*)\}|([A-Za-z_$][\w$-]*(?:\.[\w$-]+|\[\d+\])*)|(===|!==|==|!=|<=|>=|<|>|&&|\|\||[!()-]))/y
const words = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
])
const wordOperators = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
])

/**
 * The value of an expression over the scope: comparisons, and/or/not (also && || !), parentheses, literals, paths
 * (bare or as `${path}`). A path that leads nowhere is undefined. Nothing can be called.
 */
export function evaluateExpression(text: string, scope: TemplateScope): unknown {
  const reader = new ExpressionReader(tokenize(text), text, scope)
  const value = reader.either(0)
  reader.expectEnd()
  return value
}

/** The position and reason why a text is no expression; undefined when it is one. */
export function findExpressionFault(text: string): string | undefined {
  try {
    evaluateExpression(text, {})
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function tokenize(text: string): readonly Token[] {
  if (text.length > maxLength) {
    throw new QflowError('validation_error', `Expression is longer than ${maxLength} characters`)
  }
  const end = text.trimEnd().length
  const tokens: Token[] = []
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < end) {
    const at = tokenPattern.lastIndex
    const match = tokenPattern.exec(text)
    if (match === null) throw faultAt(text, at, 'a literal, a path or an operator')
    tokens.push(tokenOf(match, at, text))
  }
  return tokens
}

function tokenOf(match: RegExpExecArray, at: number, text: string): Token {
  const [, number, doubleQuoted, singleQuoted, template, word, operator] = match
  if (number !== undefined) return { kind: 'literal', value: Number(number), at }
  const quoted = doubleQuoted ?? singleQuoted
  if (quoted !== undefined) return { kind: 'literal', value: quoted.replace(/\\(.)/g, '$1'), at }
  if (operator !== undefined) return { kind: 'operator', text: operator, at }
  if (word !== undefined && words.has(word)) return { kind: 'literal', value: words.get(word), at }
  const wordOperator = word === undefined ? undefined : wordOperators.get(word)
  if (wordOperator !== undefined) return { kind: 'operator', text: wordOperator, at }
  const path = (template ?? word ?? '').trim()
  if (!isPath(path)) throw faultAt(text, at, 'a path such as data.order.id')
  return { kind: 'path', text: path, at }
}

function faultAt(text: string, at: number, expected: string): QflowError {
  const found = at < text.length ? JSON.stringify(text.slice(at, at + 12)) : 'the end'
  return new QflowError(
    'validation_error',
    `Expression, character ${at}: expected ${expected}, found ${found}`,
  )
}

/** Recursive descent, lowest precedence first: or, and, not, comparison, operand. */
class ExpressionReader {
  readonly tokens: readonly Token[]
  readonly text: string
  readonly scope: TemplateScope
  next = 0

  constructor(tokens: readonly Token[], text: string, scope: TemplateScope) {
    this.tokens = tokens
    this.text = text
    this.scope = scope
  }

  either(depth: number): unknown {
    let value = this.both(depth)
    while (this.take('||')) {
      const right = this.both(depth)
      value = Boolean(value) || Boolean(right)
    }
    return value
  }

  both(depth: number): unknown {
    let value = this.negation(depth)
    while (this.take('&&')) {
      const right = this.negation(depth)
      value = Boolean(value) && Boolean(right)
    }
    return value
  }

  negation(depth: number): unknown {
    let count = 0
    while (this.take('!')) count++
    const value = this.comparison(depth)
    if (count === 0) return value
    return count % 2 === 1 ? !value : Boolean(value)
  }

  comparison(depth: number): unknown {
    const left = this.operand(depth)
    const operator = this.tokens[this.next]
    if (operator?.kind !== 'operator') return left
    const compare = comparisons.get(operator.text)
    if (compare === undefined) return left
    this.next++
    return compare(left, this.operand(depth))
  }

  operand(depth: number): unknown {
    if (depth > maxDepth) throw this.fault(`at most ${maxDepth} nested parentheses`)
    if (this.take('(')) {
      const value = this.either(depth + 1)
      if (!this.take(')')) throw this.fault(')')
      return value
    }
    if (this.take('-')) return -Number(this.operand(depth + 1))
    const token = this.tokens[this.next]
    if (token === undefined || token.kind === 'operator') throw this.fault('a literal or a path')
    this.next++
    if (token.kind === 'literal') return token.value
    const lookup = lookUpPath(this.scope, token.text)
    return lookup.found ? lookup.value : undefined
  }

  expectEnd(): void {
    if (this.next < this.tokens.length) throw this.fault('an operator or the end')
  }

  private take(operator: string): boolean {
    const token = this.tokens[this.next]
    if (token?.kind !== 'operator' || token.text !== operator) return false
    this.next++
    return true
  }

  private fault(expected: string): QflowError {
    return faultAt(this.text, this.tokens[this.next]?.at ?? this.text.length, expected)
  }
}

type Comparison = (left: unknown, right: unknown) => boolean

/** Order is defined between two numbers or two texts; between anything else it is false. */
function ordered(compare: (left: number | string, right: number | string) => boolean): Comparison {
  return (left, right) => {
    if (typeof left === 'number' && typeof right === 'number') return compare(left, right)
    return typeof left === 'string' && typeof right === 'string' && compare(left, right)
  }
}

const comparisons = new Map<string, Comparison>([
  ['==', (left, right) => left === right],
  ['===', (left, right) => left === right],
  ['!=', (left, right) => left !== right],
  ['!==', (left, right) => left !== right],
  ['<', ordered((left, right) => left < right)],
  ['<=', ordered((left, right) => left <= right)],
  ['>', ordered((left, right) => left > right)],
  ['>=', ordered((left, right) => left >= right)],
])
