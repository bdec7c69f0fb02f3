import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Finding, Plain, Recommendation, Regression } from '@qflow-otel/analyzer'
import { ask } from '../process/cli.ts'
import { type EndedProcess, startProcess } from '../process/start-process.ts'
import { freePort, until } from '../process/waiting.ts'

const shop = fileURLToPath(new URL('../../examples/order-processing', import.meta.url))

/** What one run of the main job showed from outside. */
export interface MainJobRun {
  readonly page: { readonly status: number; readonly type: string | null; readonly text: string }
  readonly regression: Plain<Regression>
  /** What is advised for that regression. */
  readonly recommendation: Plain<Recommendation>
  /** After SIGINT. */
  readonly ended: EndedProcess
  /** Of the processes it had started, those that are still there. */
  readonly leftPids: readonly number[]
}

/** Where the regression must be. There may be others: a busy machine is slow, too. */
export interface Sought {
  readonly flowId: string
  /** Any step when absent. */
  readonly stepId?: string
  readonly class: Regression['class']
}

/** Runs `start` with one fault until the regression that is sought is there with advice, then interrupts it. */
export async function runMainJob(fault: string, sought: Sought): Promise<MainJobRun> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const flags = ['--healthy', '15s', '--faulty', '90s', '--duration', '150s']
  const argv = ['start.mjs', '--fault', fault, '--port', String(port), ...flags]
  const job = startProcess(process.execPath, argv, { cwd: shop })
  try {
    const page = await until('the page answers', () => pageAt(url))
    const { regression, recommendation } = await until(
      `a regression by ${fault} with a recommendation`,
      () => advised(url, sought),
      100_000,
    )
    const pids = descendants(job.child.pid)
    job.child.kill('SIGINT')
    const ended = await job.ended
    return { page, regression, recommendation, ended, leftPids: pids.filter(isAlive) }
  } finally {
    // Ends the collector and the shop as well; nothing happens to a process that is gone.
    job.child.kill('SIGTERM')
    await job.ended
  }
}

async function pageAt(url: string): Promise<MainJobRun['page'] | undefined> {
  const response = await fetch(`${url}/`).catch(() => undefined)
  if (response === undefined) return undefined
  const type = response.headers.get('content-type')
  return { status: response.status, type, text: await response.text() }
}

async function advised(
  url: string,
  sought: Sought,
): Promise<Pick<MainJobRun, 'regression' | 'recommendation'> | undefined> {
  const answer = await ask<{ findings: readonly Plain<Finding>[] }>(url, '/api/v1/findings')
  const findings = answer?.findings ?? []
  const regression = findings.find(
    (one): one is Plain<Regression> => one.kind === 'regression' && isSought(one, sought),
  )
  const recommendation = findings.find(
    (one): one is Plain<Recommendation> =>
      one.kind === 'recommendation' && one.forFindingIds.includes(regression?.id ?? ''),
  )
  return regression && recommendation && { regression, recommendation }
}

function isSought({ place, class: found, direction }: Plain<Regression>, sought: Sought): boolean {
  const { flowId, stepId = place.stepId } = sought
  const isThere = place.flowId === flowId && place.stepId === stepId
  return isThere && found === sought.class && direction === 'regression'
}

/** Process ids of all that a process started, and of what those started. */
function descendants(pid: number | undefined): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number))
  const found = [pid]
  for (const parent of found) for (const [child, of] of rows) if (of === parent) found.push(child)
  return found.slice(1).filter((one) => one !== undefined)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
