/**
 * Turns packages/semconv/registry/*.yaml (OpenTelemetry's semantic-convention YAML) into the TypeScript
 * constants and the tables of docs/semconv.md. `--check` writes nothing and fails when a file is out of date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'yaml'
import { semconvPage } from './semconv/page.ts'
import { type Group, type Registry, readRegistry } from './semconv/registry.ts'
import { attributesSource, eventsSource, metricsSource, registrySource } from './semconv/source.ts'

const registryUrl = new URL('../packages/semconv/registry/', import.meta.url)
const generatedUrl = new URL('../packages/semconv/src/generated/', import.meta.url)
const pageUrl = new URL('../docs/semconv.md', import.meta.url)

const registry = readRegistry(groupsOf(registryUrl))
const stale = outputs(registry).filter(({ url, text }) => !isCurrent(url, text))

if (process.argv.includes('--check')) {
  for (const { url } of stale) console.error(`out of date: ${url.pathname}; run \`pnpm generate\``)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const { url, text } of stale) writeFileSync(url, text)
  console.log(`semconv: ${stale.length} files written`)
}

function groupsOf(folder: URL): Group[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml') && file !== 'manifest.yaml')
    .sort()
    .flatMap((file) => {
      // `readRegistry` checks what it uses of each group.
      const document = parse(readFileSync(new URL(file, folder), 'utf8')) as { groups: Group[] }
      return document.groups
    })
}

function outputs(from: Registry): { url: URL; text: string }[] {
  return [
    { url: new URL('attributes.ts', generatedUrl), text: attributesSource(from) },
    { url: new URL('metrics.ts', generatedUrl), text: metricsSource(from) },
    { url: new URL('events.ts', generatedUrl), text: eventsSource(from) },
    { url: new URL('registry.ts', generatedUrl), text: registrySource(from) },
    { url: pageUrl, text: semconvPage(from) },
  ]
}

function isCurrent(url: URL, text: string): boolean {
  try {
    return readFileSync(url, 'utf8') === text
  } catch {
    // Not there yet, or not readable: writing it says what is wrong.
    return false
  }
}
