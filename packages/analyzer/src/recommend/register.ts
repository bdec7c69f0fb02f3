import type { Recommender } from './advice.ts'
import { boundLedgerValidation } from './bound-ledger-validation.ts'
import { cacheValidation } from './cache-validation.ts'
import { enlargePool } from './enlarge-pool.ts'
import { parallelizeSteps } from './parallelize-steps.ts'
import { raiseConcurrency } from './raise-concurrency.ts'
import { reduceAllocations } from './reduce-allocations.ts'
import { reduceCpu } from './reduce-cpu.ts'
import { reduceRetries } from './reduce-retries.ts'
import { speedUpDependency } from './speed-up-dependency.ts'

/** Every recommendation there is; each looks at one finding at a time. */
export const recommenders: readonly Recommender[] = [
  enlargePool,
  cacheValidation,
  boundLedgerValidation,
  speedUpDependency,
  raiseConcurrency,
  reduceRetries,
  reduceCpu,
  reduceAllocations,
  parallelizeSteps,
]
