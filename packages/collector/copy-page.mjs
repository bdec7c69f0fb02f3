// Puts the built page beside the bundle, so that the package serves it from any place.
import { cpSync, existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const built = fileURLToPath(new URL('../dashboard/dist/', import.meta.url))
const target = fileURLToPath(new URL('./dist/page/', import.meta.url))

if (existsSync(`${built}index.html`)) {
  rmSync(target, { recursive: true, force: true })
  cpSync(built, target, { recursive: true })
} else {
  console.error(`${built}index.html: expected the built dashboard, found nothing; build it first`)
  process.exitCode = 1
}
