import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { detectionOf, resolveSettings, SettingError, settingDefinitions } from './config.ts'
import { settingsTable } from './settings-table.ts'

test('without sources every setting has its default', () => {
  expect(resolveSettings({})).toEqual(
    Object.fromEntries(settingDefinitions.map(({ name, default: value }) => [name, value])),
  )
})

test('names of flags and variables derive from the setting', () => {
  const forward = settingDefinitions.find(({ name }) => name === 'forwardQueueBytes')
  expect(forward).toMatchObject({
    flag: '--forward-queue-bytes',
    variable: 'QFLOW_OTEL_FORWARD_QUEUE_BYTES',
  })
})

test('a flag wins over an option, an option over a variable', () => {
  const env = { QFLOW_OTEL_PORT: '1', QFLOW_OTEL_HOST: '0.0.0.0', QFLOW_OTEL_STATE_DIR: '' }
  const options = { port: 2, minSampleSize: 9 }
  const flags = { '--port': '3' }
  expect(resolveSettings({ flags, options, env })).toMatchObject({
    port: 3,
    minSampleSize: 9,
    host: '0.0.0.0',
    stateDir: undefined,
  })
})

test('how changes are judged is as the analyzer defines it', () => {
  const flags = { '--enable-detection': 'false', '--sensitivity-level': 'high' }
  expect(detectionOf(resolveSettings({ flags }))).toEqual({
    enableDetection: false,
    sensitivityLevel: 'high',
    minSampleSize: 30,
    windowSize: 20,
  })
})

test('texts are read as what they stand for', () => {
  const flags = {
    '--forward-headers': 'authorization=Bearer%20a%2Cb, x-scope=me',
    '--allowed-hosts': 'a.example, b.example,',
    '--alert-threshold': '0.25',
    '--forward-url': 'https://backend:4318/base',
  }
  expect(resolveSettings({ flags })).toMatchObject({
    forwardHeaders: { authorization: 'Bearer a,b', 'x-scope': 'me' },
    allowedHosts: ['a.example', 'b.example'],
    alertThreshold: 0.25,
    forwardUrl: 'https://backend:4318/base',
  })
})

describe('what cannot be used is refused with its place', () => {
  test.each([
    [{ '--port': '70000' }, '--port: expected a whole number from 0 to 65535, found "70000"'],
    [{ '--port': '' }, '--port: expected a whole number from 0 to 65535, found ""'],
    [{ '--port': '1e3' }, '--port: expected a whole number from 0 to 65535, found "1e3"'],
    [{ '--port': '0x10' }, '--port: expected a whole number'],
    [{ '--alert-threshold': '' }, 'expected a number from 0 to 100, found ""'],
    [{ '--port': '4318x' }, '--port: expected a whole number'],
    [{ '--host': ' ' }, '--host: expected a text that is not empty, found " "'],
    [{ '--forward-url': 'backend:4318' }, '--forward-url: expected an http or https URL'],
    [{ '--forward-headers': 'secret' }, '--forward-headers: expected header names and values'],
    [{ '--alert-threshold': '-1' }, 'expected a number from 0 to 100, found "-1"'],
    [{ '--enable-detection': 'yes' }, '--enable-detection: expected true or false, found "yes"'],
    [{ '--sensitivity-level': 'x' }, 'expected one of low, medium, high, found "x"'],
    [{ '--prot': '1' }, '--prot: expected one of --host --port'],
  ])('%j', (flags, words) => {
    // A table of partial objects has optional members in its type; none is undefined.
    const read = () => resolveSettings({ flags: flags as Record<string, string> })
    expect(read).toThrow(SettingError)
    expect(read).toThrow(words)
  })

  test('of a variable and of an option', () => {
    expect(() => resolveSettings({ env: { QFLOW_OTEL_PORT: 'x' } })).toThrow('QFLOW_OTEL_PORT: ')
    expect(() => resolveSettings({ options: { port: -1 } })).toThrow('port: expected')
  })

  test('and the text of headers is never repeated', () => {
    const flags = { '--forward-headers': 'authorization=tok\u0001en' }
    expect(() => resolveSettings({ flags })).toThrow(/^(?!.*tok).*$/s)
  })
})

test('the README holds the table of the settings', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  // The formatter pads the columns of Markdown tables.
  const unpadded = (text: string) => text.replaceAll(/-{3,}/g, '---').replaceAll(/ +/g, ' ')
  expect(unpadded(readme)).toContain(unpadded(settingsTable()))
})
