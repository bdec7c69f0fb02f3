import type { ParamSpec, ParamType } from '../core/ActionRegistry.ts'
import { hasTemplate } from '../core/Template.ts'
import { canonicalJson, equalHex, hmacSha256, sha256 } from '../crypto/Canonical.ts'
import type {
  ValidationContext,
  ValidationLayer,
  Validator,
  Verdict,
} from '../models/Validation.ts'

/** Gives the key of an id; undefined for an unknown one. */
export type KeyLookup = (keyId: string) => Promise<Buffer | undefined>

/** The layers the engine asks for, in the order in which they run. */
export const stepLayers: readonly string[] = ['schema', 'signature', 'permission', 'integrity']

/** A key server that is slow is waited for; one that is gone fails the step. */
const layerTimeoutMs = 10_000

/** Each layer with its validator. `lookUpKey` is asked at each check of a signature that no cache answers. */
export function defaultLayers(
  lookUpKey: KeyLookup,
): readonly { readonly layer: ValidationLayer; readonly validator: Validator }[] {
  const required = { required: true, timeout: layerTimeoutMs }
  return [
    {
      layer: {
        layerId: 'schema',
        name: 'Schema',
        description: 'Required params are there and of the type that the action declares',
        priority: 0,
        ...required,
      },
      validator: checkSchema,
    },
    {
      layer: {
        layerId: 'signature',
        name: 'Signature',
        description: 'The HMAC of the step was made with the key of the engine',
        priority: 1,
        ...required,
      },
      validator: (_data, context) => checkSignature(context, lookUpKey),
    },
    {
      layer: {
        layerId: 'permission',
        name: 'Permission',
        description: 'The caller has what the flow and the action require',
        priority: 2,
        ...required,
      },
      validator: (_data, context) => checkPermissions(context),
    },
    {
      layer: {
        layerId: 'integrity',
        name: 'Integrity',
        description: 'The step is byte for byte the registered one',
        priority: 3,
        ...required,
      },
      validator: (_data, context) => checkIntegrity(context),
    },
  ]
}

/** What a verdict depends on: two requests with equal keys get equal verdicts. */
export function verdictInput(data: unknown, { metadata }: ValidationContext): unknown {
  const { flowId, flowVersion, permissions, requiredPermissions, step, registration } = metadata
  const { actionSpec } = metadata
  return {
    data,
    flowId,
    flowVersion,
    permissions,
    requiredPermissions,
    step,
    registration,
    actionSpec,
  }
}

/** Hex sha256 that equal steps share. */
export function stepDigest(step: unknown): string {
  return sha256(canonicalJson(step))
}

/** What is signed names the flow too, so that a step cannot be moved into another flow. */
export function signStep(
  key: Buffer,
  flow: { id: string; version: string },
  digest: string,
): string {
  return hmacSha256(key, canonicalJson([flow.id, flow.version, digest]))
}

function checkSchema(data: unknown, { metadata }: ValidationContext): Verdict {
  if (typeof data !== 'object' || data === null || !('params' in data)) {
    return failed('The data holds no params')
  }
  if (metadata.step !== undefined && metadata.step.type !== 'task') return passed
  if (metadata.actionSpec === undefined) return failed('The action is not registered')
  const params = data.params
  if (typeof params !== 'object' || params === null) return failed('params is not an object')
  const faults = Object.entries(metadata.actionSpec.params).flatMap(([name, spec]) =>
    paramFaults(name, spec, Object.getOwnPropertyDescriptor(params, name)?.value),
  )
  return faults.length === 0 ? passed : failed(faults.join('; '), { faults })
}

function paramFaults(name: string, spec: ParamSpec, value: unknown): string[] {
  if (value === undefined) return spec.required === true ? [`params.${name} is missing`] : []
  // What a template stands for is known only at run time; the action checks it then.
  if (typeof value === 'string' && hasTemplate(value)) return []
  if (spec.type !== 'any' && typeOf(value) !== spec.type)
    return [`params.${name} is not of type ${spec.type}`]
  if (spec.oneOf === undefined || spec.oneOf.includes(String(value))) return []
  return [`params.${name} is none of ${spec.oneOf.join(', ')}`]
}

function typeOf(value: unknown): ParamType | undefined {
  if (Array.isArray(value)) return 'array'
  if (value === null) return undefined
  const type = typeof value
  return type === 'string' || type === 'number' || type === 'boolean' || type === 'object'
    ? type
    : undefined
}

async function checkSignature(
  { metadata }: ValidationContext,
  lookUpKey: KeyLookup,
): Promise<Verdict> {
  const { registration, step, flowId, flowVersion } = metadata
  if (registration === undefined || flowId === undefined || flowVersion === undefined) {
    return failed('The step was not registered')
  }
  const key = await lookUpKey(registration.keyId)
  if (key === undefined) return failed(`The key ${registration.keyId} is unknown`)
  const signature = signStep(key, { id: flowId, version: flowVersion }, stepDigest(step))
  return equalHex(signature, registration.signature)
    ? passed
    : failed('The signature does not match')
}

function checkPermissions({ metadata }: ValidationContext): Verdict {
  const granted = new Set(metadata.permissions)
  const needed = [
    ...(metadata.requiredPermissions ?? []),
    ...(metadata.actionSpec?.permissions ?? []),
  ]
  const missing = needed.filter((permission) => !granted.has(permission))
  return missing.length === 0
    ? passed
    : failed(`Missing permissions: ${missing.join(', ')}`, { missing })
}

function checkIntegrity({ metadata }: ValidationContext): Verdict {
  if (metadata.registration === undefined) return failed('The step was not registered')
  return equalHex(stepDigest(metadata.step), metadata.registration.digest)
    ? passed
    : failed('The step is not the registered one')
}

const passed: Verdict = { status: 'passed', message: 'ok' }

function failed(message: string, details?: Readonly<Record<string, unknown>>): Verdict {
  return { status: 'failed', message, ...(details && { details }) }
}
