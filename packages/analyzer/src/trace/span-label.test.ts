import { expect, test } from 'vitest'
import type { AttributeValue } from '../otlp/span-record.ts'
import { spanLabel } from './span-label.ts'

const post = { 'http.request.method': 'POST', 'server.address': 'payments.example' }
const url = {
  'url.full': 'https://payments.example/charge/4711?card=42',
  'url.path': '/charge/4711',
}

test.each<[string, Record<string, AttributeValue>, string]>([
  ['POST', { ...post, 'server.port': 443, ...url }, 'POST payments.example'],
  ['POST', { ...post, 'server.port': 4711 }, 'POST payments.example:4711'],
  ['HTTP POST', { 'http.method': 'POST', 'net.peer.name': 'payments' }, 'POST payments'],
  ['POST', { ...post, 'url.template': '/charge/{id}' }, 'POST payments.example /charge/{id}'],
  ['HTTP', { 'http.request.method': '_OTHER', 'server.address': 'a' }, 'HTTP a'],
  ['POST', { 'http.request.method': 'POST', ...url }, 'POST'],
  ['POST', { ...post, 'server.address': 'https://u:p@payments.example/charge' }, 'POST'],
  ['POST', { ...post, 'server.address': 'x'.repeat(201) }, 'POST'],
  ['POST /charge/:id', post, 'POST /charge/:id'],
  ['SELECT', { 'db.system.name': 'postgresql' }, 'postgresql SELECT'],
  ['SELECT', { 'db.system': 'mysql', 'db.sql.table': 'orders' }, 'mysql SELECT orders'],
  ['SELECT orders', { 'db.system.name': 'postgresql' }, 'SELECT orders'],
  ['redis-GET', { 'db.system.name': 'redis' }, 'redis-GET'],
  [
    'publish',
    { 'messaging.system': 'kafka', 'messaging.destination.name': 'receipts' },
    'publish receipts',
  ],
  [
    'publish',
    {
      'messaging.system': 'rabbitmq',
      'messaging.destination.name': 'amq.gen-4711',
      'messaging.destination.temporary': true,
    },
    'publish (temporary)',
  ],
  ['connect', { 'server.address': 'mail', 'server.port': 25 }, 'connect mail:25'],
  ['parse', {}, 'parse'],
  ['', {}, ''],
])('%s with %j is %s', (name, attributes, label) => {
  expect(
    spanLabel({ name, role: 'foreign', attributes: new Map(Object.entries(attributes)) }),
  ).toBe(label)
})

test('our own spans keep their names', () => {
  const attributes = new Map(Object.entries(post))
  expect(spanLabel({ name: 'attempt', role: 'attempt', attributes })).toBe('attempt')
})
