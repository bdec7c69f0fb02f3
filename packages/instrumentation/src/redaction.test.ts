import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redactedText } from './redaction.ts'

const settings = { captureMaxLength: 1_000, redactKeys: ['iban', /^card/] }

test.each([
  [{ password: 'hunter2', user: 'u' }, '{"password":"[redacted]","user":"u"}'],
  [
    { a: [{ apiKey: 'k', 'x-api-key': 'k', Authorization: 'b' }] },
    '{"a":[{"apiKey":"[redacted]","x-api-key":"[redacted]","Authorization":"[redacted]"}]}',
  ],
  [{ iban: 'DE', cardNumber: 4111 }, '{"iban":"[redacted]","cardNumber":"[redacted]"}'],
  ['Authorization: Bearer abcdefghijkl', 'Authorization: [redacted]'],
  ['see eyJhbGciOiJI.eyJzdWIiOiIx.c2ln', 'see [redacted]'],
  ['postgres://me:hunter2@db/x', 'postgres://me:[redacted]@db/x'],
  ['login failed: password=hunter2, user=u', 'login failed: password=[redacted], user=u'],
  ['{"token": "abc", "n": 1}', '{"token": "[redacted]", "n": 1}'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE', '[redacted]'],
  [{ n: 1n, f: () => 1, u: undefined, s: Symbol('s') }, '{"n":"1","s":"Symbol(s)"}'],
])('%o', (value, expected) => {
  expect(redactedText(value, settings)).toBe(expected)
})

test.each([undefined, null])('%s is absent', (value) => {
  expect(redactedText(value, settings)).toBeUndefined()
})

test('redacted first, then cut: wherever the cut falls, no part of the secret is left', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 120 }), fc.nat(40), (captureMaxLength, before) => {
      const secret = 'ZZZZZZZZZZZZZZZZ'
      const payload = { pad: 'a'.repeat(before), password: secret, text: `Bearer ${secret}` }
      const text = redactedText(payload, { captureMaxLength, redactKeys: [] })
      expect(text?.length).toBeLessThanOrEqual(captureMaxLength)
      expect(text).not.toContain('Z')
    }),
    { seed: 1 },
  )
})

test('a cycle and a payload of billions of values cost a bounded time', () => {
  const wide: unknown[] = []
  for (let count = 0; count < 64; count++) wide.push(wide)
  expect(redactedText(wide, settings)).toHaveLength(1_000)
})
