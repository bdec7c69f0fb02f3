/**
 * The main job: the collector with its page, and an order-processing application that is instrumented from
 * outside and gets real faults, one after the other.
 *
 *   node start.mjs [--fault slow-dependency|cache-miss|small-pool|none] [--port 4318] [--duration 120s]
 *                  [--healthy 20s] [--faulty 30s] [--traces FILE]
 *
 * Durations are as 500ms, 90s, 5m or 1h.
 */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startTraceFile } from './src/trace-file.mjs'

const STORY = {
  'slow-dependency': 'the payment provider now answers in 240 ms instead of 60 ms (flow checkout)',
  'cache-miss': "a release passes the request's id among the permissions (flow inventory-sync)",
  'small-pool': 'packing stations go down from 6 to 1 (flow fulfilment)',
}
/** Long enough to learn what is normal: the detector asks for 30 executions of a flow. */
const HEALTHY = '20s'
/** Long enough to see the finding and read it. */
const FAULTY = '30s'
const CALM_MS = 15_000
/** A laptop that compiles beside the shop shifts its timers by a tenth; the faults are far larger. */
const ALERT_THRESHOLD = '0.25'
const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
/** A timer of Node cannot wait longer. */
const MAX_WAIT_MS = 2 ** 31 - 1

const { fault, port, durationMs, healthyMs, faultyMs, traces } = readArguments()
const require = createRequire(import.meta.url)
const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname)
const cli = path.join(
  path.dirname(require.resolve('@qflow-otel/cli/package.json')),
  'dist/main.mjs',
)

const traceFile = traces === undefined ? undefined : await openTraceFile()
const forwarding = traceFile === undefined ? [] : ['--forward-url', traceFile.url]
const collector = spawn(
  process.execPath,
  [cli, 'serve', '--port', port, '--alert-threshold', ALERT_THRESHOLD, ...forwarding],
  // A group of its own: a terminal sends Ctrl-C to every process of ours, and the collector has to end last.
  { stdio: ['ignore', 'inherit', 'inherit'], detached: true },
)
const collectorEnded = once(collector, 'exit').then(([code]) => code ?? 0)
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping.abort())
collectorEnded.then(() => stopping.abort())
if (durationMs !== undefined) setTimeout(() => stopping.abort(), durationMs).unref()

if (await collectorAnswers()) await runShop()
collector.kill('SIGTERM')
process.exitCode = await collectorEnded
traceFile?.close()
if (traceFile !== undefined) say(`the traces are in ${traces}`)

/** The collector forwards everything there, the last of it when it ends. */
async function openTraceFile() {
  return startTraceFile(traces, say).catch((error) => refuse(`--traces: ${error.message}`))
}

/** Starts the application, brings the faults, and stops it before the collector, so that nothing is lost. */
async function runShop() {
  const shop = fork(path.join(here, 'src/app.mjs'), {
    cwd: here,
    detached: true,
    execArgv: [
      '--import',
      '@qflow-otel/instrumentation/register',
      '--import',
      path.join(here, 'src/http-spans.mjs'),
    ],
    env: {
      ...process.env,
      OTEL_SERVICE_NAME: 'order-processing',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_BSP_SCHEDULE_DELAY: '1000',
    },
  })
  const shopEnded = once(shop, 'exit')
  shopEnded.then(() => stopping.abort())
  await once(shop, 'message', { signal: stopping.signal }).catch(ignoreStop)
  say('the shop is open: flows checkout, fulfilment and inventory-sync')
  await bringFaults(shop).catch(ignoreStop)
  shop.kill('SIGTERM')
  await shopEnded
}

async function bringFaults(shop) {
  const faults = fault === 'all' ? Object.keys(STORY) : fault === 'none' ? [] : [fault]
  await wait(healthyMs, undefined, stopping)
  for (const name of faults) {
    say(`fault ${name}: ${STORY[name]}`)
    shop.send({ fault: name, isActive: true })
    await wait(faultyMs, undefined, stopping)
    say(`fault ${name} is mended`)
    shop.send({ fault: name, isActive: false })
    await wait(CALM_MS, undefined, stopping)
  }
  say('that was all; the shop stays open until Ctrl-C')
  await once(stopping.signal, 'abort')
}

async function collectorAnswers() {
  while (!stopping.signal.aborted) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined)
    if (answer?.ok) return true
    await wait(100, undefined, stopping).catch(ignoreStop)
  }
  return false
}

function readArguments() {
  const values = readFlags()
  const known = ['all', 'none', ...Object.keys(STORY)]
  if (!known.includes(values.fault))
    refuse(`--fault: expected one of ${known.join(', ')}, found ${values.fault}`)
  return {
    ...values,
    durationMs: readMs('--duration', values.duration),
    healthyMs: readMs('--healthy', values.healthy),
    faultyMs: readMs('--faulty', values.faulty),
  }
}

function readFlags() {
  // `pnpm start -- --fault none` hands the dashes on.
  const args = process.argv.slice(process.argv[2] === '--' ? 3 : 2)
  try {
    return parseArgs({
      args,
      options: {
        fault: { type: 'string', default: 'all' },
        port: { type: 'string', default: '4318' },
        duration: { type: 'string' },
        healthy: { type: 'string', default: HEALTHY },
        faulty: { type: 'string', default: FAULTY },
        traces: { type: 'string' },
      },
    }).values
  } catch (error) {
    return refuse(
      `${error.message}. Known: --fault, --port, --duration, --healthy, --faulty, --traces`,
    )
  }
}

function readMs(flag, text) {
  if (text === undefined) return undefined
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Number(number) * (UNITS_MS[unit] ?? Number.NaN)
  if (ms <= MAX_WAIT_MS) return ms
  return refuse(
    `${flag}: expected a duration such as 90s, 5m or 1h, at most 24 days, found ${text}`,
  )
}

function refuse(problem) {
  console.error(problem)
  process.exit(2)
}

function ignoreStop(error) {
  if (error.name !== 'AbortError') throw error
}

function say(text) {
  console.log(`\n» ${text}\n`)
}
