/** What the program's help lists; each command's own file has the rest and is loaded when it runs. */
export const COMMAND_SUMMARIES = [
  {
    name: 'serve',
    usage: 'serve [--port PORT] [--duration TIME] [--json]',
    summary: 'Receive OTLP, forward it, analyse it, and show a live page.',
  },
  {
    name: 'analyze',
    usage: 'analyze FILE… [--critical-path] [--fail-on KIND] [--json]',
    summary: 'Read trace files and say what makes each flow slow, what changed and what to do.',
  },
  {
    name: 'why',
    usage: 'why EXECUTION|FLOW [FILE…] [--svg FILE] [--json]',
    summary: 'Explain one execution or flow in words, from a running collector or from files.',
  },
  {
    name: 'config',
    usage: 'config explain [FILE…] [--flow ID] [--url URL] [--json]',
    summary:
      'Say what the settings of the detection buy: how often it is wrong, and how soon it tells a change.',
  },
  {
    name: 'alerts',
    usage: 'alerts [ACTION ID] [--for TIME] [--url URL] [--json]',
    summary:
      'List what became worse, once for each cause; acknowledge, snooze, resolve or call it false.',
  },
  {
    name: 'mark',
    usage: 'mark TEXT [--flow FLOW] [--at TIME] [--url URL] [--json]',
    summary: 'Tell a running collector that something was done, e.g. a deployment.',
  },
  {
    name: 'export',
    usage: 'export FILE… --format speedscope|jaeger [-o FILE] [--trace ID]',
    summary: 'Write traces as files of other tools, with their critical paths.',
  },
  {
    name: 'detect',
    usage: 'detect FILE… [--column NAME] [--online] [--svg FILE] [--json]',
    summary: 'Say where series of numbers changed: CSV, JSON and histories of benchmarks.',
  },
  {
    name: 'compare',
    usage: 'compare A B | [FILE…] --flow F --versions OLD NEW | --before FROM..TO --after FROM..TO',
    summary: 'Say what differs between two files, versions of a flow or windows of time.',
  },
] as const

/** A command of the program. */
export type CommandName = (typeof COMMAND_SUMMARIES)[number]['name']

/** Whether the word names a command. */
export function isCommandName(name: string): name is CommandName {
  return COMMAND_SUMMARIES.some((command) => command.name === name)
}

/** Name, usage and summary of a command. */
export function summaryOf(name: CommandName): { name: string; usage: string; summary: string } {
  const { usage, summary } = COMMAND_SUMMARIES.find((command) => command.name === name) ?? {
    usage: name,
    summary: '',
  }
  return { name, usage, summary }
}
