import module, { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import type { DiagLogger } from '@opentelemetry/api'

/** From here on `module.register` is deprecated (DEP0205) and the synchronous hooks are the way. */
const FIRST_SYNC_MAJOR = 26

/**
 * Puts OpenTelemetry's import hook in place, so that ES modules can be seen. `require` needs none. Asynchronous and
 * synchronous hooks together never fire, so only one is registered, and none beside one the command line brings.
 */
export function registerLoader(selfUrl: string, log: DiagLogger): void {
  if (hasLoaderFlag()) return
  const ownRequire = createRequire(selfUrl)
  const hookPath = ownRequire.resolve('@opentelemetry/instrumentation/hook.mjs')
  const major = Number(process.versions.node.split('.')[0])
  if (major >= FIRST_SYNC_MAJOR && registerSync(hookPath, log)) return
  // Asynchronous hooks live in one thread for the whole process, which the main thread has told already.
  if (!isMainThread) return
  if (typeof module.register !== 'function') {
    log.warn(
      'this Node.js has no module hooks; ES modules cannot be instrumented, use instrumentQflow',
    )
    return
  }
  module.register(pathToFileURL(hookPath).href, selfUrl)
}

/** Uses the same copy of import-in-the-middle that the instrumentation's hooks register with. */
function registerSync(hookPath: string, log: DiagLogger): boolean {
  try {
    const require = createRequire(hookPath)
    // Only reached where `require` of an ES module works.
    const hooks = require('import-in-the-middle/register-hooks.mjs') as { register(): void }
    hooks.register()
    return true
  } catch (fault) {
    log.warn('synchronous module hooks could not be registered, falling back', fault)
    return false
  }
}

function hasLoaderFlag(): boolean {
  const flags = `${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`
  return /--(experimental-)?loader[= ]\S*(instrumentation|import-in-the-middle)\S*hook\.mjs/.test(
    flags,
  )
}
