import { isoTime, type Runtime, resolveRuntime } from '../core/Runtime.ts'
import { emitEnvelope } from '../events/Envelope.ts'
import { type QflowEventEmitter, qflowEventEmitter } from '../events/EventEmitter.ts'

/** What a tenant pays for. */
export type BillingTier = 'free' | 'basic' | 'premium' | 'enterprise'

/** Of one calendar month (UTC). Infinity: no limit. */
export interface TenantLimits {
  readonly tier: BillingTier
  readonly cpuHours: number
  readonly memoryGBHours: number
  readonly storageGB: number
  readonly executions: number
  readonly monthlyCost: number
}

/** What a tenant used in its calendar month (UTC), `2026-11`. */
export interface TenantUsage {
  readonly period: string
  readonly cpuHours: number
  readonly memoryGBHours: number
  readonly storageGB: number
  readonly executions: number
  readonly cost: number
}

/** What an execution asks for; memory and storage in MB. */
export interface ResourceDemand {
  readonly cpu?: number
  readonly memory?: number
  readonly storage?: number
  readonly executions?: number
}

/** What was reserved and for how long: ms, MB. */
export interface ExecutionUsage {
  readonly cpuTime: number
  readonly memoryUsage: number
  readonly storageUsed: number
  readonly networkTransfer: number
  readonly duration: number
}

/** Whether it may start; the reason when not. */
export interface BillingDecision {
  readonly allowed: boolean
  readonly reason?: string
  readonly limits?: TenantLimits
}

/** Clock, ids and bus; those of the process when left out. */
export interface BillingOptions extends Partial<Runtime> {
  readonly events?: QflowEventEmitter
}

const hourMs = 3_600_000
const mbPerGb = 1024
const unlimited = Number.POSITIVE_INFINITY

/** Currency units for a CPU hour, for a GB hour of memory, and for one execution. */
const prices = { cpuHour: 0.05, memoryGBHour: 0.01, execution: 0.0001 }

const tiers: Readonly<Record<BillingTier, TenantLimits>> = {
  free: {
    tier: 'free',
    cpuHours: 10,
    memoryGBHours: 10,
    storageGB: 1,
    executions: 100,
    monthlyCost: 10,
  },
  basic: {
    tier: 'basic',
    cpuHours: 100,
    memoryGBHours: 100,
    storageGB: 10,
    executions: 10_000,
    monthlyCost: 100,
  },
  premium: {
    tier: 'premium',
    cpuHours: 1_000,
    memoryGBHours: 1_000,
    storageGB: 100,
    executions: 1_000_000,
    monthlyCost: 1_000,
  },
  enterprise: {
    tier: 'enterprise',
    cpuHours: unlimited,
    memoryGBHours: unlimited,
    storageGB: unlimited,
    executions: unlimited,
    monthlyCost: unlimited,
  },
}

/** What a tenant (a DAO subnet) may still use this month. */
export class ResourceBillingService {
  readonly limits = new Map<string, TenantLimits>()
  readonly usage = new Map<string, TenantUsage>()
  readonly runtime: Runtime
  readonly events: QflowEventEmitter

  constructor(options: BillingOptions = {}) {
    this.runtime = resolveRuntime(options)
    this.events = options.events ?? qflowEventEmitter
  }

  async initializeTenant(tenantId: string, tier: BillingTier = 'free'): Promise<TenantLimits> {
    this.limits.set(tenantId, tiers[tier])
    this.emit('billing.tenant.initialized', { tenantId, tier })
    return tiers[tier]
  }

  async updateBillingTier(tenantId: string, tier: BillingTier): Promise<TenantLimits> {
    this.limits.set(tenantId, tiers[tier])
    this.emit('billing.tier.updated', { tenantId, tier })
    return tiers[tier]
  }

  async getTenantUsage(tenantId: string): Promise<TenantUsage> {
    return this.usageOf(tenantId)
  }

  /** Never rejects. CPU and memory are of one execution; what they cost is known only at its end. */
  async canAllocateResources(tenantId: string, demand: ResourceDemand): Promise<BillingDecision> {
    const limits = this.limits.get(tenantId)
    if (limits === undefined) return { allowed: false, reason: 'Tenant limits not found' }
    const usage = this.usageOf(tenantId)
    const storageGB = (demand.storage ?? 0) / mbPerGb
    const checks: readonly (readonly [string, boolean])[] = [
      ['CPU hours limit exceeded', usage.cpuHours >= limits.cpuHours],
      ['Memory limit exceeded', usage.memoryGBHours >= limits.memoryGBHours],
      ['Storage limit exceeded', usage.storageGB + storageGB > limits.storageGB],
      ['Execution limit exceeded', usage.executions + (demand.executions ?? 1) > limits.executions],
      ['Monthly cost limit exceeded', usage.cost >= limits.monthlyCost],
    ]
    const [reason] = checks.find(([, exceeded]) => exceeded) ?? []
    return reason === undefined ? { allowed: true, limits } : { allowed: false, reason, limits }
  }

  /** Never rejects. */
  async trackExecutionUsage(
    tenantId: string,
    executionId: string,
    resourceUsage: ExecutionUsage,
  ): Promise<void> {
    const before = this.usageOf(tenantId)
    const cpuHours = resourceUsage.cpuTime / hourMs
    const memoryGBHours = (resourceUsage.memoryUsage / mbPerGb) * (resourceUsage.duration / hourMs)
    const totalCost =
      cpuHours * prices.cpuHour + memoryGBHours * prices.memoryGBHour + prices.execution
    this.usage.set(tenantId, {
      ...before,
      cpuHours: before.cpuHours + cpuHours,
      memoryGBHours: before.memoryGBHours + memoryGBHours,
      executions: before.executions + 1,
      cost: before.cost + totalCost,
    })
    const { period } = before
    this.emit('billing.usage.tracked', {
      tenantId,
      executionId,
      period,
      resourceUsage,
      totalCost,
    })
  }

  /** A new month starts at zero. */
  private usageOf(tenantId: string): TenantUsage {
    const period = isoTime(this.runtime.clock).slice(0, 7)
    const known = this.usage.get(tenantId)
    if (known?.period === period) return known
    return { period, cpuHours: 0, memoryGBHours: 0, storageGB: 0, executions: 0, cost: 0 }
  }

  private emit(name: string, data: Readonly<Record<string, unknown>>): void {
    emitEnvelope(this, { name, source: 'qflow-billing-service', actor: 'system', data })
  }
}

/** The service of the process. */
export const resourceBillingService: ResourceBillingService = new ResourceBillingService()
