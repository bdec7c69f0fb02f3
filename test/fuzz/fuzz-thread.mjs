/** Lets a thread read TypeScript, which the flags of the process do not reach. */
import { register } from 'tsx/esm/api'

register()
await import('./fuzz-inputs.ts')
