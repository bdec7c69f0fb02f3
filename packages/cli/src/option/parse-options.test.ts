import { describe, expect, test } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { parseDurationMs } from './duration.ts'
import { HELP, JSON_OUTPUT } from './option.ts'
import { lastOf, parseOptions } from './parse-options.ts'

const command = {
  name: 'serve',
  usage: 'serve',
  summary: '',
  paragraphs: [],
  options: [
    { name: 'port', value: 'PORT', sentence: '' },
    { name: 'flow', value: 'FILE', isRepeatable: true, sentence: '' },
    { name: 'output', short: 'o', value: 'FILE', sentence: '' },
    JSON_OUTPUT,
    HELP,
  ],
}

test('values, switches and positionals', () => {
  const argv = ['a.json', '--port', '1', '--flow=x', '--flow', 'y', '--json', '-', '--', '--b']
  const parsed = parseOptions(command, argv)
  expect(parsed.positionals).toEqual(['a.json', '-', '--b'])
  expect(parsed.values.get('flow')).toEqual(['x', 'y'])
  expect(parsed.values.has('json')).toBe(true)
  expect(lastOf(parsed, 'port')).toBe('1')
})

test.each([[['-o', 'x']], [['-ox']], [['--output', 'x']]])('a short name: %j', (argv) => {
  expect(parseOptions(command, argv).values).toEqual(new Map([['output', ['x']]]))
})

describe('usage errors', () => {
  test.each([
    [['--prot', '1'], 'unknown option --prot, did you mean --port?'],
    [['--zzzzzzzzzz'], 'unknown option --zzzzzzzzzz'],
    [['-p'], 'unknown option -p'],
    [['-o'], '--output needs a value: --output FILE'],
    [['--port'], '--port needs a value: --port PORT'],
    [['--port='], '--port needs a value: --port PORT'],
    [['--port', '--json'], '--port needs a value: --port PORT'],
    [['--json=yes'], '--json takes no value, found "yes"'],
    [['--\x1b[31m'], 'unknown option --\\x1b[31m'],
  ])('%s', (argv, message) => {
    expect(() => parseOptions(command, argv)).toThrow(
      expect.objectContaining({ code: EXIT.usage, message: expect.stringContaining(message) }),
    )
  })
})

test('a short word of which half would have to change is no misspelling', () => {
  expect(() => parseOptions(command, ['--bogo'])).toThrow(/^unknown option --bogo$/)
})

test.each([
  ['30s', 30_000],
  ['500ms', 500],
  ['1.5h', 5_400_000],
  ['5 min', 300_000],
  ['2m', 120_000],
])('%s is a duration', (text, ms) => expect(parseDurationMs(text, '--duration')).toBe(ms))

test.each(['', '30', 's', '-1s', '0s', '1e3s', '9999h', '30 parsecs'])('%s is none', (text) => {
  expect(() => parseDurationMs(text, '--duration')).toThrow('expected a duration such as 30s')
})
