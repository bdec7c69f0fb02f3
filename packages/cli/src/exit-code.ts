/** Every code the command ends with. They are part of its interface: never renumbered, only added to. */
export const EXIT = {
  ok: 0,
  findings: 1,
  usage: 2,
  noInput: 3,
  partInput: 4,
  connection: 5,
  unknownId: 6,
  internal: 70,
  outputFailed: 74,
  interrupted: 130,
  terminated: 143,
} as const

/** One of the codes above. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What each code means, for `--help` and the README. */
export const EXIT_MEANINGS: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: EXIT.ok, meaning: 'done' },
  {
    code: EXIT.findings,
    meaning: 'an open finding, or a change, of a kind named by --fail-on (before 4)',
  },
  { code: EXIT.usage, meaning: 'wrong arguments or settings' },
  { code: EXIT.noInput, meaning: 'bad input: nothing in it could be used' },
  { code: EXIT.partInput, meaning: 'bad input in part: the rest was used' },
  { code: EXIT.connection, meaning: 'cannot listen on the port, or cannot reach the collector' },
  { code: EXIT.unknownId, meaning: 'no execution, flow, trace or alert with this id' },
  { code: EXIT.internal, meaning: 'a fault in qflow-otel itself' },
  { code: EXIT.outputFailed, meaning: 'cannot write the output, e.g. to a full disk' },
  { code: EXIT.interrupted, meaning: 'interrupted by Ctrl-C; serve: forced by a second one' },
  { code: EXIT.terminated, meaning: 'ended by SIGTERM; serve: forced by a second signal' },
]
