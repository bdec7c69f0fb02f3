import { isObject } from '../qflow-surface.ts'
import type { PhaseHook } from '../reach.ts'
import type { Telemetry } from '../telemetry.ts'
import { enteringOf } from './entering.ts'
import { type Enter, wrapMethod } from './wrap.ts'

/** One method to wrap and what its hook makes measurable. */
export interface MethodHook {
  readonly method: string
  readonly enter: Enter
  readonly phases?: readonly PhaseHook[]
}

/** The methods that are wrapped; each once, however and however often it is reached. */
export interface PatchSet {
  /** Wraps the methods where `object` or its nearest prototype has them. */
  attach(object: object, targetName: string, hooks: readonly MethodHook[]): void
  /** Restores every method identically. */
  detachAll(): void
}

interface Patch {
  undo(): void
}

const registryKey = Symbol.for('qflow-otel.patched-methods')

export function createPatchSet(telemetry: Telemetry): PatchSet {
  const patches: Patch[] = []
  const attachOne = (object: object, targetName: string, hook: MethodHook) => {
    const holder = holderOf(object, hook.method)
    if (holder === undefined) return
    const methods = patchedMethodsOf(holder)
    if (methods.has(hook.method)) return
    const descriptor = Object.getOwnPropertyDescriptor(holder, hook.method)
    const original: unknown = descriptor?.value
    if (descriptor === undefined || typeof original !== 'function') return
    const key = `${targetName}.${hook.method}`
    const entering = enteringOf(key)
    // `original` was found to be a function.
    const { wrapper, retire } = wrapMethod(original as (...args: unknown[]) => unknown, {
      name: key,
      enter: hook.enter,
      entering,
      telemetry,
    })
    Object.defineProperty(holder, hook.method, { ...descriptor, value: wrapper })
    methods.add(hook.method)
    entering.wrapperCount++
    telemetry.reach.add(key, hook.phases ?? [])
    patches.push({
      undo() {
        retire()
        entering.wrapperCount--
        methods.delete(hook.method)
        telemetry.reach.remove(key, hook.phases ?? [])
        // Somebody who wrapped it after us keeps what is theirs; ours below it only passes calls on.
        const now: unknown = Object.getOwnPropertyDescriptor(holder, hook.method)?.value
        if (now === wrapper) Object.defineProperty(holder, hook.method, descriptor)
      },
    })
  }
  return {
    attach(object, targetName, hooks) {
      for (const hook of hooks) {
        try {
          attachOne(object, targetName, hook)
        } catch (fault) {
          telemetry.faults.report(`wrapping ${targetName}.${hook.method}`, fault)
        }
      }
    },
    detachAll() {
      for (const patch of patches.splice(0).reverse()) {
        // Frozen since: the wrapper stays and only passes calls on.
        telemetry.faults.guard('restoring a method', () => patch.undo())
      }
    },
  }
}

/** Whether any copy of this package has wrapped the method where `object` has it. */
export function isWrapped(object: unknown, method: string): boolean {
  const holder = isObject(object) ? holderOf(object, method) : undefined
  return holder !== undefined && patchedMethodsOf(holder).has(method)
}

/** The object itself or the prototype that has the method; a frozen one cannot be wrapped and says so by throwing. */
function holderOf(object: object, method: string): object | undefined {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, method)) return at
  }
  return undefined
}

/** Shared by all loaded copies of this package (ESM and CommonJS), so that none wraps what another has wrapped. */
function patchedMethodsOf(holder: object): Set<string> {
  // The symbol is ours, so what stands under it was put there by a copy of this file.
  const shared = globalThis as { [registryKey]?: WeakMap<object, Set<string>> }
  shared[registryKey] ??= new WeakMap()
  const known = shared[registryKey].get(holder)
  if (known) return known
  const made = new Set<string>()
  shared[registryKey].set(holder, made)
  return made
}
