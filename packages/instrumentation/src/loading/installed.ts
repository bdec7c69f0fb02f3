import { createRequire } from 'node:module'
import path from 'node:path'

/** Whether the application can resolve a package. */
export function findInstalled(packageName: string): boolean {
  try {
    createRequire(path.join(process.cwd(), 'x.js')).resolve(packageName)
    return true
  } catch {
    return false
  }
}
