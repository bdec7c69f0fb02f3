import { readFileSync } from 'node:fs'

/** The package's own version; the file lies one level above the sources and above the bundle. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string } // our own package.json
  return version
}
