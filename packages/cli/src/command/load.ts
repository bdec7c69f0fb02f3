import type { Command } from './command.ts'
import type { CommandName } from './register.ts'

/** Loads a command with what it needs: `--version` starts no telemetry SDK. */
export async function loadCommand(name: CommandName): Promise<Command> {
  if (name === 'serve') return (await import('./serve.ts')).serve
  if (name === 'analyze') return (await import('./analyze.ts')).analyze
  if (name === 'export') return (await import('./export.ts')).exportTraces
  if (name === 'mark') return (await import('./mark.ts')).mark
  if (name === 'alerts') return (await import('./alerts.ts')).alerts
  if (name === 'config') return (await import('./config.ts')).config
  if (name === 'detect') return (await import('./detect.ts')).detect
  if (name === 'compare') return (await import('./compare.ts')).compare
  return (await import('./why.ts')).why
}
