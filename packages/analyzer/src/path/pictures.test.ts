import { describe, expect, test } from 'vitest'
import type { SpanRecord } from '../otlp/span-record.ts'
import { Assembler } from '../trace/assembler.ts'
import { buildExecution } from '../trace/build-execution.ts'
import type { Execution } from '../trace/execution.ts'
import { DIAGRAM_START_UNIX_NS, spansFromDiagram } from '../trace/trace-diagram.ts'
import { expectPath } from './drawn-path.ts'

/**
 * One drawing for each awkward case. '#' is what the critical path has to go through, '-' the rest of a span: the
 * spans are built from the drawing, and their path drawn into it has to give it back.
 */
const pictures: Readonly<Record<string, string>> = {
  'back-to-back siblings with equal timestamps': `
    flow      #-------#
      step.a   ###
      step.b      ##
      step.c        ##`,
  'a root without length': `
    flow      |`,
  'a child without length': `
    flow      ######
      step.a    |`,
  'many without length at one instant': `
    flow      #----#
      step.a   ####
      step.b   |
      step.c   |
      step.d       |
      step.e       |`,
  'a child equal to its parent': `
    flow      ------
      step.a  ------
        GET   ######`,
  'overlapping asynchronous children': `
    flow      ###---------
      step.a   ------
      step.b     ---------
        GET      ######
        POST        -----
        PUT            ###
      step.c      ----`,
  'equal ends: the one that started first': `
    flow      #-------#
      step.b     -----
      step.a   #######`,
  'equal intervals: the earlier row': `
    flow      #-------#
      step.a   #######
      step.b   -------`,
  'a child that outlives its parent': `
    flow      #-----#
      step.a   #----
        GET     ####---`,
  'a child that precedes its parent': `
    flow      ###------#
      step.a     ------
        GET   ---###
        POST        ###`,
  'a child that encloses its parent': `
    flow      ##-----##
      step.a    -----
        GET   --#####--`,
  'a child that lies outside its parent': `
    flow      #----####
      step.a   ####
        GET         --`,
  'three levels of overhang': `
    flow      #------
      step.a   ##----
        GET      #------
          PUT     ###-----`,
  'a missing parent': `
    flow      #-------#
      step.a   ###
      ?GET        ####`,
  'a root beside an orphaned subtree': `
    flow      -------##
      step.a  ##
    ?GET        #---#
      SELECT     ###`,
  'several roots': `
    flow.paused  ###
    flow            ---##
      step.a        ###
    flow                 -#
      step.b             #`,
  'a running root': `
    flow      #----->
      step.a   ###
      step.b      ##`,
  'unfinished spans': `
    flow      #------>
      step.a   ##
      step.b     ---->
        GET      ##
        POST       ##>
        PUT          |>`,
  'end before start': `
    flow      #-----##
      step.a   #####
      step.b    <---`,
  'retries with backoff': `
    flow      #-------------
      step.a   --##---###---
        try.1  ##
        try.2      ###
        try.3            -##
          GET            #`,
  'producer to consumer': `
    flow       #------###-----
      step.a    ##--##
        send      ##
      step.b      ------
      step.c@send        #####`,
  'a consumer known only by its link': `
    flow       #---####----#
      step.a    ##-
        send      #
      step.b     ------
    ?read@send         ####`,
  'a link to what had not ended is left to timing': `
    flow       #---#-----#
      step.a    -------
      step.b    ###
      step.c@a      #####`,
  'clock skew between hosts: the callee seems to end after its caller': `
    flow      #--------#
      step.a   ###-----
        GET       ##---
          serve     ###--`,
}

describe('drawn', () => {
  test.each(Object.entries(pictures))('%s', (_, drawing) => {
    expectPath(drawing)
  })

  test('a self-parent stands where it starts', () => {
    const drawing = `
      flow      #----#
        step.a   ####`
    const records = changed(drawing, { 2: ({ spanId }) => ({ parentSpanId: spanId }) })
    expectPath(drawing, { execution: built(records, 'self_parent') })
  })

  test('a cycle is opened above its first span', () => {
    const drawing = `
      step.a     ##----##
        GET        #--#
          PUT       ##`
    const records = changed(drawing, { 1: () => ({ parentSpanId: idOf(3) }) })
    expectPath(drawing, { execution: built(records, 'cycle') })
  })

  test('a cycle beside a tree', () => {
    const drawing = `
      flow       #----#----#
        step.a    ####
        step.b         #--#
          GET           ##`
    const records = changed(drawing, { 3: () => ({ parentSpanId: idOf(4) }) })
    expectPath(drawing, { execution: built(records, 'cycle') })
  })

  test('duplicates count once, the last that ended', () => {
    const drawing = `
      flow       #----#
        step.a    ####`
    const records = spansFromDiagram(drawing)
    const earlier = records.map((span) => ({ ...span, endUnixNs: span.startUnixNs + 1n }))
    expectPath(drawing, { execution: built([...earlier, ...records], 'duplicate_span') })
  })

  test('two executions in one batch', () => {
    const first = `
      flow       #----#
        step.a    ####`
    const second = `
      flow       -----#
        step.a   ##---
          GET      ###`
    const records = [...spansFromDiagram(first), ...spansFromDiagram(second).map(ofOther)]
    const assembler = new Assembler({ idleMs: 1000, memoryBudgetBytes: 2 ** 20 })
    assembler.add(records, { nowUnixNs: DIAGRAM_START_UNIX_NS })
    const closed = assembler.close(DIAGRAM_START_UNIX_NS).map(({ execution }) => execution)
    const [one, other] = closed.sort((a, b) => (a.executionId < b.executionId ? -1 : 1))
    expect(closed).toHaveLength(2)
    expectPath(first, one && { execution: one })
    expectPath(second, other && { execution: other })
  })
})

/** The spans of a drawing, some of them changed, by the number of their line. */
function changed(
  drawing: string,
  changes: Readonly<Record<number, (span: SpanRecord) => Partial<SpanRecord>>>,
): SpanRecord[] {
  return spansFromDiagram(drawing).map((span, index) => ({
    ...span,
    ...changes[index + 1]?.(span),
  }))
}

function built(records: readonly SpanRecord[], flag: string): Execution {
  const execution = buildExecution({ tenant: 't', executionId: 'e', records })
  expect(execution.flags).toContain(flag)
  return execution
}

function idOf(line: number): string {
  return line.toString(16).padStart(16, '0')
}

function ofOther(span: SpanRecord): SpanRecord {
  const attributes = new Map(span.attributes)
  if (attributes.has('qflow.execution.id')) attributes.set('qflow.execution.id', 'other')
  return { ...span, traceId: 'b'.repeat(32), attributes }
}
