import { settingDefinitions } from '@qflow-otel/collector'
import { expect, test } from 'vitest'
import { loadCommand } from './command/load.ts'
import { COMMAND_SUMMARIES } from './command/register.ts'
import { EXIT, EXIT_MEANINGS } from './exit-code.ts'
import { memoryTerminal } from './memory-terminal.ts'
import { run } from './run.ts'
import { packageVersion } from './version.ts'

async function ran(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = memoryTerminal()
  const code = await run(argv, terminal)
  return { code, out: terminal.outText(), err: terminal.errText() }
}

test('without a command the help goes to the standard error', async () => {
  const { code, out, err } = await ran()
  expect({ code, out }).toEqual({ code: EXIT.usage, out: '' })
  expect(err).toContain('qflow-otel analyze FILE…')
})

test.each(['help', '--help', '-h'])('%s', async (argument) => {
  const { code, out, err } = await ran(argument)
  expect({ code, err }).toEqual({ code: EXIT.ok, err: '' })
  await expect(out).toMatchFileSnapshot('golden/help.txt')
})

test.each(COMMAND_SUMMARIES.map(({ name }) => name))(
  '%s --help names every option',
  async (name) => {
    const { code, out } = await ran(name, '--help')
    expect(code).toBe(EXIT.ok)
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
    const { definition } = await loadCommand(name)
    for (const option of definition.options)
      expect(out).toMatch(new RegExp(`^  (-\\w, )?--${option.name}\\b`, 'm'))
    for (const { code: exitCode } of EXIT_MEANINGS) expect(out).toContain(` ${exitCode}   `)
    expect((await ran('help', name)).out).toBe(out)
  },
)

test('every setting of the collector is a flag of serve', async () => {
  const { out } = await ran('serve', '--help')
  for (const { flag, variable } of settingDefinitions) {
    expect(out).toContain(`  ${flag} `)
    expect(out).toContain(variable)
  }
})

test('--version', async () => {
  expect(await ran('--version')).toEqual({ code: EXIT.ok, out: `${packageVersion()}\n`, err: '' })
})

test.each([
  [['analyse'], 'unknown command analyse, did you mean analyze?'],
  [
    ['frobnicate'],
    'unknown command frobnicate, one of serve, analyze, why, config, alerts, mark, export',
  ],
  [['\x1b[2J'], 'unknown command \\x1b[2J'],
  [['analyze'], 'no file given'],
  [['analyze', '--fail-on', 'rain', 'x'], '--fail-on: expected regression or bottleneck, found'],
  [['analyze', '--flow'], '--flow needs a value'],
  [['analyze', '--svg', 'x', 'y'], '--svg is of --critical-path only'],
  [['analyze', '--trace', 'x', 'y'], '--trace is of --critical-path only'],
  [['export', '--format', 'jaeger'], 'no file given; - is the standard input'],
  [['export', 'x'], '--format: expected speedscope or jaeger, found none'],
  [['export', 'x', '--format', 'zip'], '--format: expected speedscope or jaeger, found "zip"'],
  [['why'], 'no execution or flow given'],
  [['why', 'x', '--url', 'nowhere'], '--url: expected an http or https URL'],
  [['why', 'x', 'y.json', '--url', 'http://127.0.0.1:1'], '--url and files exclude each other'],
  [['serve', 'x'], 'serve takes no file'],
  [['serve', '--port', '99999'], '--port: expected a whole number from 0 to 65535'],
  [['serve', '--duration', 'soon'], '--duration: expected a duration'],
  [['serve', '--prot', '1'], 'did you mean --port?'],
])('%j is a usage error', async (argv, message) => {
  const { code, out, err } = await ran(...argv)
  expect({ code, out }).toEqual({ code: EXIT.usage, out: '' })
  expect(err.replaceAll(/\s+/g, ' ')).toContain(message)
})
