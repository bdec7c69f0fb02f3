import type { FlowNews } from './alert-news.ts'
import type { Counters } from './baseline/counters.ts'
import type { Regression } from './detect/finding.ts'
import { heapLevelBytes } from './detect/heap-watch.ts'
import { leakFinding } from './explain/leak-finding.ts'
import type { HeapReading } from './otlp/heap-reading.ts'
import { forgetSilent, noteHeaps, type ProcessState, type ProcessStep } from './process-table.ts'
import type { ProcessReport } from './report.ts'
import { normalTail } from './stats/normal-tail.ts'
import { unixNsFromMs } from './time/unix-ns.ts'

/** The memory of all processes and what is said of it. Plain data. */
export interface MemoryDesk {
  readonly processes: ProcessState[]
  /** What happened since it was last told. */
  steps: ProcessStep[]
  /** Leaks that are open, as they were told last, the oldest first. */
  open: Regression[]
  /** The last that ended, the oldest first. */
  resolved: Regression[]
}

/** As many ended leaks as a person looks at. */
const MAX_RESOLVED_COUNT = 10

export function emptyMemoryDesk(): MemoryDesk {
  return { processes: [], steps: [], open: [], resolved: [] }
}

/** Takes sizes of heaps; what they change is told by the next `tellMemory`. */
export function takeHeaps(
  desk: MemoryDesk,
  readings: readonly HeapReading[],
  at: { readonly tenant: string; readonly nowUnixNs: bigint; readonly counters: Counters },
): void {
  desk.steps.push(...noteHeaps(desk.processes, readings, at))
}

/** What happened to the memory of processes, as news for their tenants' alerts; lets go of processes that are gone. */
export function tellMemory(
  desk: MemoryDesk,
  nowUnixNs: bigint,
  { enableDetection }: { readonly enableDetection: boolean },
): FlowNews[] {
  const steps = [...desk.steps, ...forgetSilent(desk.processes, nowUnixNs)]
  desk.steps = []
  if (!enableDetection) return []
  return steps.map(({ process: { tenant, name }, step: { step, leak } }) => {
    const state = step === 'resolved' ? 'resolved' : 'open'
    const finding = leakFinding(leak, { tenant, process: name, state })
    desk.open = desk.open.filter(({ id }) => id !== finding.id)
    if (state === 'open') desk.open.push(finding)
    else desk.resolved = [...desk.resolved, finding].slice(-MAX_RESOLVED_COUNT)
    const change = { change: step, finding }
    const unixNs = unixNsFromMs(leak.updatedUnixMs)
    const logEvidence = evidenceOf(leak.z)
    return {
      flow: { tenant },
      inputs: [{ kind: 'finding', unixNs, change, logEvidence }],
      judgedCount: 0,
    }
  })
}

/** Open leaks of a tenant with their newest figures, then those that ended; of all tenants when it is absent. */
export function leakFindings(
  { processes, open, resolved }: MemoryDesk,
  tenant: string | undefined,
): readonly Regression[] {
  const newest = open.map((told) => newestOf(processes, told))
  return [...newest, ...resolved].filter((one) => tenant === undefined || one.tenant === tenant)
}

/** A forecast that is hours old would be none; what was told is told again only when its pace changed. */
function newestOf(processes: readonly ProcessState[], told: Regression): Regression {
  const { serviceName, instanceId } = told.place.process ?? {}
  const process = processes.find(
    ({ tenant, name }) =>
      tenant === told.tenant && name.serviceName === serviceName && name.instanceId === instanceId,
  )
  const leak = process?.heap.leak
  if (process === undefined || leak === undefined) return told
  const { tenant, name } = process
  const finding = leakFinding(leak, { tenant, process: name, state: 'open' })
  return finding.id === told.id ? finding : told
}

export function processReports(
  { processes }: MemoryDesk,
  asked: string | undefined,
): ProcessReport[] {
  const own = processes.filter(({ tenant }) => asked === undefined || tenant === asked)
  return own
    .map(({ tenant, name, heap }) => ({
      tenant,
      ...name,
      heapBytes: heapLevelBytes(heap),
      heapLimitBytes: heap.limitBytes,
      seenUnixNs: unixNsFromMs(heap.last?.unixMs ?? 0),
    }))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

function sortKey({ tenant, serviceName, instanceId }: ProcessReport): string {
  return JSON.stringify([tenant, serviceName ?? '', instanceId ?? ''])
}

/**
 * The trend's p-value as evidence of the kind that alerts weigh: e = 1 / (2 sqrt p), whose mean is 1 while there is none.
 * Source: Vovk and Wang, "E-values: calibration, combination and applications", Ann. Stat. 49 (2021), section 2.
 */
function evidenceOf(z: number): number {
  return -Math.log(2) - Math.log(normalTail(Math.min(z, 35))) / 2
}
