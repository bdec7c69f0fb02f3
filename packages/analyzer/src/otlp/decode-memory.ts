import { IdMemory } from './id-memory.ts'
import { ResourceMemory } from './resource-memory.ts'
import { ShapeMemory } from './shape-memory.ts'
import { TemplateMemory } from './template-memory.ts'
import { TextMemory } from './text-memory.ts'

/**
 * What the readers of one stream of bodies remember of it: which keys follow each other in spans, their texts and ids, and
 * how whole spans look.
 * Knowing it beforehand makes reading faster, and equal texts one string; what is read is the same without it. Its size is
 * bounded whatever the bodies hold (some 4 MB at worst), and no body is kept alive.
 */
export class DecodeMemory {
  readonly shapes: ShapeMemory = new ShapeMemory()
  readonly spanIds: IdMemory = new IdMemory(8)
  readonly traceIds: IdMemory = new IdMemory(16)
  readonly resources: ResourceMemory = new ResourceMemory()
  readonly templates: TemplateMemory = new TemplateMemory()
  #texts: TextMemory | undefined

  /** Made for the first text: the largest part by far, and metrics are counted without it. */
  get texts(): TextMemory {
    this.#texts ??= new TextMemory()
    return this.#texts
  }
}
