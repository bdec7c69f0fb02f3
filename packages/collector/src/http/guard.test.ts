import { describe, expect, test } from 'vitest'
import { isLoopbackName, isOwnHost, isOwnOrigin } from './guard.ts'

describe('Host', () => {
  const loopback = { host: '127.0.0.1', allowedHosts: ['qflow.example'] }
  const wildcard = { host: '0.0.0.0', allowedHosts: [] }
  const named = { host: 'box', allowedHosts: [] }

  test.each([
    ['127.0.0.1:4318', loopback, true],
    ['localhost', loopback, true],
    ['LOCALHOST:1', loopback, true],
    ['[::1]:4318', loopback, true],
    ['127.9.9.9', loopback, true],
    ['qflow.example', loopback, true],
    ['box:4318', named, true],
    ['192.168.1.5:4318', wildcard, true],
    ['[fe80::1]:4318', wildcard, true],
    ['evil.example', loopback, false],
    ['evil.example', wildcard, false],
    ['127.0.0.1.evil.example', loopback, false],
    ['localhost.evil.example', loopback, false],
    ['192.168.1.5', loopback, false],
    ['localhost@evil.example', loopback, false],
    ['evil.example/localhost', loopback, false],
    ['', loopback, false],
    [undefined, loopback, false],
  ])('%j under %j: %j', (header, rule, expected) => {
    expect(isOwnHost(header, rule)).toBe(expected)
  })
})

test.each([
  [{ host: 'localhost:4318' }, true],
  [{ host: 'localhost:4318', origin: 'http://localhost:4318' }, true],
  [{ host: 'localhost:4318', origin: 'http://localhost:4319' }, false],
  [{ host: 'localhost:4318', origin: 'http://evil.example' }, false],
  [{ host: 'localhost:4318', origin: 'null' }, false],
  [{ origin: 'http://localhost' }, false],
])('Origin in %j: %j', (headers, expected) => {
  expect(isOwnOrigin(headers)).toBe(expected)
})

test.each([
  ['127.0.0.1', true],
  ['[::1]', true],
  ['0.0.0.0', false],
  ['10.0.0.1', false],
  ['127.example', false],
])('loopback %j: %j', (name, expected) => expect(isLoopbackName(name)).toBe(expected))
