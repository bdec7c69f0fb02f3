import { isObject } from '../json-object.ts'
import { askCollector } from './collector-client.ts'

/** The flows that a collector has seen. */
export async function knownFlowIds(base: URL): Promise<readonly string[]> {
  const answer = await askCollector(base, { path: 'detection' })
  const detection = answer?.['detection']
  const flows = isObject(detection) ? detection['flows'] : undefined
  return Array.isArray(flows)
    ? flows.flatMap((flow) =>
        isObject(flow) && typeof flow['flowId'] === 'string' ? [flow['flowId']] : [],
      )
    : []
}
