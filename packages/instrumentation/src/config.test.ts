import { expect, test } from 'vitest'
import { envPrefix, matches, resolveSettings, type Settings, settingDefinitions } from './config.ts'
import type { QflowInstrumentationConfig } from './types.ts'

function resolve(config: object, environment: Readonly<Record<string, string>> = {}) {
  const said: string[] = []
  const prefixed = Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [envPrefix + name, value]),
  )
  // Plain JavaScript may give anything.
  const settings = resolveSettings(config as QflowInstrumentationConfig, prefixed, (message) =>
    said.push(message),
  )
  return { settings, said }
}

const defaults = {
  enabled: true,
  isSwitchedOff: false,
  packageNames: ['@anarq/qflow'],
  ignoreFlows: [],
  ignoreSteps: [],
  requireParent: false,
  detailMode: 'off',
  detailRatio: 0.01,
  boundaryMode: 'auto',
  captureAttributes: new Set(),
  captureMaxLength: 256,
  redactKeys: [],
  executionHook: undefined,
  stepHook: undefined,
  metricProducer: undefined,
  spanProcessor: undefined,
} satisfies Settings

test('without anything the defaults hold, and they are those that the table states', () => {
  expect(resolve({})).toEqual({ settings: defaults, said: [] })
  const stated = Object.fromEntries(
    settingDefinitions.map(({ name, fallback }) => [name, fallback]),
  )
  for (const name of [
    'requireParent',
    'detailMode',
    'detailRatio',
    'boundaryMode',
    'captureMaxLength',
  ] as const) {
    expect(stated[name]).toBe(String(defaults[name]))
  }
})

test.each([
  ['PACKAGE_NAMES', ' @fork/qflow , qflow ', { packageNames: ['@fork/qflow', 'qflow'] }],
  ['IGNORE_FLOWS', 'a,b', { ignoreFlows: ['a', 'b'] }],
  ['IGNORE_STEPS', 'a', { ignoreSteps: ['a'] }],
  ['REQUIRE_PARENT', 'TRUE', { requireParent: true }],
  ['DETAIL_MODE', 'sampled', { detailMode: 'sampled' }],
  ['DETAIL_RATIO', '0.5', { detailRatio: 0.5 }],
  ['BOUNDARY_MODE', 'link', { boundaryMode: 'link' }],
  [
    'CAPTURE_ATTRIBUTES',
    'qflow.step.params',
    { captureAttributes: new Set(['qflow.step.params']) },
  ],
  ['CAPTURE_MAX_LENGTH', '10', { captureMaxLength: 10 }],
  ['REDACT_KEYS', 'iban', { redactKeys: ['iban'] }],
  ['ENABLED', 'false', { isSwitchedOff: true }],
  ['ENABLED', '', {}],
])('the environment gives %s=%s', (name, value, over) => {
  expect(resolve({}, { [name]: value })).toEqual({ settings: { ...defaults, ...over }, said: [] })
})

test('every variable of the table is read', () => {
  const tested = settingDefinitions.flatMap(({ env }) =>
    env === undefined ? [] : [env.replace(envPrefix, '')],
  )
  const values: Readonly<Record<string, string>> = {
    ENABLED: '?',
    REQUIRE_PARENT: '?',
    DETAIL_MODE: '?',
    DETAIL_RATIO: '?',
    BOUNDARY_MODE: '?',
    CAPTURE_ATTRIBUTES: '?',
    CAPTURE_MAX_LENGTH: '?',
  }
  const lists = ['PACKAGE_NAMES', 'IGNORE_FLOWS', 'IGNORE_STEPS', 'REDACT_KEYS']
  expect([...Object.keys(values), ...lists].sort()).toEqual(tested.sort())
  expect(resolve({}, values).said).toHaveLength(Object.keys(values).length)
})

test('code wins over the environment, but for the switch', () => {
  const environment = {
    DETAIL_MODE: 'on',
    DETAIL_RATIO: '1',
    IGNORE_FLOWS: 'a',
    REQUIRE_PARENT: 'true',
    ENABLED: 'false',
  }
  const config = {
    detailMode: 'sampled',
    detailRatio: 0,
    ignoreFlows: [],
    requireParent: false,
    enabled: true,
  }
  expect(resolve(config, environment).settings).toMatchObject({ ...config, isSwitchedOff: true })
})

test.each([
  [{ detailMode: 'full' }, 'detailMode: expected off, sampled, on, found full; off holds'],
  [{ detailRatio: 2 }, 'detailRatio: expected a number from 0 to 1, found 2; 0.01 holds'],
  [
    { detailRatio: Number.NaN },
    'detailRatio: expected a number from 0 to 1, found NaN; 0.01 holds',
  ],
  [{ boundaryMode: true }, 'boundaryMode: expected auto, link, child, found true; auto holds'],
  [{ requireParent: 'yes' }, 'requireParent: expected true or false, found yes; false holds'],
  [
    { ignoreFlows: 'a' },
    'ignoreFlows: expected a list of texts and regular expressions, found a; none holds',
  ],
  [
    { ignoreSteps: [3] },
    'ignoreSteps: expected a list of texts and regular expressions, found [3]; none holds',
  ],
  [
    { packageNames: {} },
    'packageNames: expected a list of texts, found an object; [@anarq/qflow] holds',
  ],
  [
    { captureMaxLength: 0 },
    'captureMaxLength: expected a number from 1 to 1000000, found 0; 256 holds',
  ],
  [{ stepHook: 'log' }, 'stepHook: expected a function, found log; none holds'],
  [
    { spanProcessor: {} },
    'spanProcessor: expected a QflowSpanProcessor, found an object; none holds',
  ],
  [
    { metricProducer: null },
    'metricProducer: expected a QflowMetricProducer, found an object; none holds',
  ],
  [
    { captureAttributes: ['qflow.step.parms'] },
    expect.stringMatching(
      /^captureAttributes: expected some of .*qflow\.step\.params.*, found qflow\.step\.parms; it is left out$/,
    ),
  ],
])(
  'a wrong value is named with what was expected, and the default holds: %o',
  (config, message) => {
    expect(resolve(config)).toEqual({ settings: defaults, said: [message] })
  },
)

test.each([
  [['a'], 'a', true],
  [['a'], 'ab', false],
  [[/^a/], 'ab', true],
  [[/b/g], 'ab', true],
  [[], 'a', false],
])('%o fits %s: %s, however often it is asked', (list, text, expected) => {
  for (let count = 0; count < 3; count++) expect(matches(list, text)).toBe(expected)
})
