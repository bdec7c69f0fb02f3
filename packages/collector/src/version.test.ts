import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { COLLECTOR_VERSION } from './version.ts'

test('the version is the one of the package', () => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  expect(JSON.parse(manifest).version).toBe(COLLECTOR_VERSION)
})
