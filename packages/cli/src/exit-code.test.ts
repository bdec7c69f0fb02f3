import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXIT, EXIT_MEANINGS } from './exit-code.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('every code has one meaning, and the README says the same', () => {
  expect(EXIT_MEANINGS.map(({ code }) => code)).toEqual(Object.values(EXIT))
  const rows = [...readme.matchAll(/^\| (\d+) +\| (.*?) +\|$/gm)]
  const documented = rows.map(([, code, meaning]) => ({
    code: Number(code),
    meaning: meaning?.replaceAll('`', ''),
  }))
  expect(documented).toEqual(EXIT_MEANINGS)
})

test('the codes are a promise', () => {
  expect(EXIT).toEqual({
    ok: 0,
    findings: 1,
    usage: 2,
    noInput: 3,
    partInput: 4,
    connection: 5,
    unknownId: 6,
    internal: 70,
    outputFailed: 74,
    interrupted: 130,
    terminated: 143,
  })
})
