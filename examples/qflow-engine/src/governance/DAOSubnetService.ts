import { evaluateExpression } from '../core/Expression.ts'
import { type Runtime, resolveRuntime } from '../core/Runtime.ts'
import { emitEnvelope } from '../events/Envelope.ts'
import { type QflowEventEmitter, qflowEventEmitter } from '../events/EventEmitter.ts'
import type { DAOExecutionContext, ResourceRequest } from '../models/Execution.ts'

/** The first rule whose condition holds decides; conditions see flowId, executionContext and subnet. */
interface PolicyRule {
  readonly condition: string
  readonly action: 'allow' | 'deny' | 'warn'
  readonly message?: string
}

/** Rules of one kind, and how strictly they are kept. */
export interface DAOPolicy {
  readonly id: string
  readonly type: 'execution' | 'resource' | 'access' | 'validation' | 'custom'
  readonly name: string
  readonly rules: readonly PolicyRule[]
  /** An advisory policy that denies only warns. */
  readonly enforcement: 'strict' | 'advisory' | 'disabled'
  readonly version: string
}

/** Memory in MB, CPU in cores; days are UTC. */
export interface SubnetLimits {
  readonly maxConcurrentExecutions: number
  readonly maxMemoryPerExecution: number
  readonly maxCpuPerExecution: number
  readonly dailyExecutionLimit: number
}

/** Who runs flows together, by which policies, within which limits. */
export interface DAOSubnet {
  readonly id: string
  readonly name: string
  readonly policies: readonly DAOPolicy[]
  readonly limits: SubnetLimits
}

/** What one policy says to one execution. */
export interface DAOPolicyValidation {
  readonly policyId: string
  readonly policyType: DAOPolicy['type']
  readonly result: 'pass' | 'fail' | 'warning'
  readonly message: string
  readonly enforcementAction?: 'block' | 'warn'
}

/** What was reserved; the reason when nothing was. */
export interface Allocation {
  readonly allocated: boolean
  readonly allocation?: ResourceRequest
  readonly reason?: string
}

/** What the running executions of a subnet hold. */
export interface SubnetUsage extends ResourceRequest {
  readonly executions: number
}

/** Clock, ids and bus; those of the process when left out. */
export interface DAOOptions extends Partial<Runtime> {
  readonly events?: QflowEventEmitter
}

/** What the conditions of a policy see. */
export interface PolicyInput {
  readonly flowId: string
  readonly executionContext: DAOExecutionContext
  readonly subnet: DAOSubnet
}

const dayMs = 24 * 60 * 60 * 1000
const idle: SubnetUsage = { cpu: 0, memory: 0, storage: 0, network: 0, executions: 0 }

/** The subnet that always exists. */
export const publicSubnetId = 'dao.public.default'

const defaultLimits: SubnetLimits = {
  maxConcurrentExecutions: 10,
  maxMemoryPerExecution: 512,
  maxCpuPerExecution: 2,
  dailyExecutionLimit: 1_000_000,
}

/** Who may run what, and how much at once. */
export class DAOSubnetService {
  readonly subnets = new Map<string, DAOSubnet>()
  readonly resourceUsageCache = new Map<string, SubnetUsage>()
  /** Executions of the current UTC day. */
  readonly dailyCounts = new Map<string, { day: number; count: number }>()
  readonly runtime: Runtime
  readonly events: QflowEventEmitter

  constructor(options: DAOOptions = {}) {
    this.runtime = resolveRuntime(options)
    this.events = options.events ?? qflowEventEmitter
    this.subnets.set(publicSubnetId, publicSubnet)
  }

  async getDAOSubnet(id: string): Promise<DAOSubnet | null> {
    return this.subnets.get(id) ?? null
  }

  /** Replaces a subnet of the same id; limits left out are the defaults. */
  async registerDAOSubnet(
    subnet: Omit<DAOSubnet, 'limits'> & { readonly limits?: Partial<SubnetLimits> },
  ): Promise<DAOSubnet> {
    const complete = { ...subnet, limits: { ...defaultLimits, ...subnet.limits } }
    this.subnets.set(subnet.id, complete)
    this.emit('dao.subnet.registered', 'system', { daoSubnet: subnet.id })
    return complete
  }

  /** Never rejects: an unknown subnet or a condition that is none fails. */
  async validateDAOExecution(
    flowId: string,
    executionContext: DAOExecutionContext,
  ): Promise<DAOPolicyValidation[]> {
    const { daoSubnet, triggeredBy } = executionContext
    const subnet = this.subnets.get(daoSubnet)
    if (subnet === undefined) {
      return [verdict(missingSubnetPolicy, 'fail', `DAO subnet ${daoSubnet} is unknown`)]
    }
    const results: DAOPolicyValidation[] = []
    for (const policy of subnet.policies) {
      results.push(await this.evaluatePolicy(policy, { flowId, executionContext, subnet }))
    }
    this.emit('dao.validation.completed', triggeredBy, {
      flowId,
      daoSubnet,
      validationResults: results.map(({ policyId, result, enforcementAction }) => ({
        policyId,
        result,
        enforcementAction,
      })),
    })
    return results
  }

  async evaluatePolicy(policy: DAOPolicy, input: PolicyInput): Promise<DAOPolicyValidation> {
    if (policy.enforcement === 'disabled') return verdict(policy, 'pass', 'Disabled')
    try {
      const scope = { ...input }
      const rule = policy.rules.find(({ condition }) =>
        Boolean(evaluateExpression(condition, scope)),
      )
      if (rule === undefined || rule.action === 'allow') return verdict(policy, 'pass', 'Allowed')
      const message = rule.message ?? `${policy.name}: ${rule.condition}`
      const blocks = rule.action === 'deny' && policy.enforcement === 'strict'
      return verdict(policy, blocks ? 'fail' : 'warning', message)
    } catch (error) {
      return verdict(policy, 'fail', error instanceof Error ? error.message : String(error))
    }
  }

  /** Never rejects. */
  async allocateResources(daoSubnet: string, request: ResourceRequest): Promise<Allocation> {
    const subnet = this.subnets.get(daoSubnet)
    const reason = subnet === undefined ? 'DAO subnet is unknown' : this.refusal(subnet, request)
    if (subnet === undefined || reason !== undefined)
      return { allocated: false, ...(reason && { reason }) }
    const usage = changed(this.usageOf(daoSubnet), request, 1)
    this.resourceUsageCache.set(daoSubnet, usage)
    this.countToday(daoSubnet)
    this.emit('dao.resources.allocated', 'system', {
      daoSubnet,
      allocatedResources: request,
      totalUsage: usage,
      limits: subnet.limits,
    })
    return { allocated: true, allocation: request }
  }

  async releaseResources(daoSubnet: string, released: ResourceRequest): Promise<void> {
    const usage = changed(this.usageOf(daoSubnet), released, -1)
    this.resourceUsageCache.set(daoSubnet, usage)
    this.emit('dao.resources.released', 'system', {
      daoSubnet,
      releasedResources: released,
      remainingUsage: usage,
    })
  }

  usageOf(daoSubnet: string): SubnetUsage {
    return this.resourceUsageCache.get(daoSubnet) ?? idle
  }

  private refusal({ id, limits }: DAOSubnet, request: ResourceRequest): string | undefined {
    if (this.usageOf(id).executions >= limits.maxConcurrentExecutions) {
      return 'Maximum concurrent executions reached'
    }
    if (request.memory > limits.maxMemoryPerExecution) return 'Memory limit per execution exceeded'
    if (request.cpu > limits.maxCpuPerExecution) return 'CPU limit per execution exceeded'
    const today = this.dailyCounts.get(id)
    const countToday = today?.day === this.today() ? today.count : 0
    return countToday >= limits.dailyExecutionLimit ? 'Daily execution limit reached' : undefined
  }

  private countToday(id: string): void {
    const day = this.today()
    const known = this.dailyCounts.get(id)
    this.dailyCounts.set(id, { day, count: known?.day === day ? known.count + 1 : 1 })
  }

  private today(): number {
    return Math.floor(this.runtime.clock.nowMs() / dayMs)
  }

  private emit(name: string, actor: string, data: Readonly<Record<string, unknown>>): void {
    emitEnvelope(this, { name, source: 'qflow-dao-subnet-service', actor, data })
  }
}

const publicSubnet: DAOSubnet = {
  id: publicSubnetId,
  name: 'Public',
  limits: defaultLimits,
  policies: [
    {
      id: 'public-execution',
      type: 'execution',
      name: 'Anyone may execute',
      rules: [{ condition: 'true', action: 'allow' }],
      enforcement: 'strict',
      version: '1.0.0',
    },
  ],
}

const missingSubnetPolicy = { id: 'subnet-exists', type: 'access' } as const

function verdict(
  policy: Pick<DAOPolicy, 'id' | 'type'>,
  result: DAOPolicyValidation['result'],
  message: string,
): DAOPolicyValidation {
  const outcome = { policyId: policy.id, policyType: policy.type, result, message }
  if (result === 'pass') return outcome
  return { ...outcome, enforcementAction: result === 'fail' ? 'block' : 'warn' }
}

function changed(usage: SubnetUsage, by: ResourceRequest, sign: 1 | -1): SubnetUsage {
  const sum = (current: number, amount: number) => Math.max(0, current + sign * amount)
  return {
    cpu: sum(usage.cpu, by.cpu),
    memory: sum(usage.memory, by.memory),
    storage: sum(usage.storage, by.storage),
    network: sum(usage.network, by.network),
    executions: sum(usage.executions, 1),
  }
}

/** The service of the process. */
export const daoSubnetService: DAOSubnetService = new DAOSubnetService()
