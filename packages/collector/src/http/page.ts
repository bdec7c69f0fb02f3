import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export interface PageFile {
  readonly body: Buffer
  readonly contentType: string
  readonly etag: string
  /** Names under `assets/` hold a hash of their content: they never change. */
  readonly isImmutable: boolean
}

/** The page, complete in memory, by URL path: what is not in the map cannot be served, whatever the path says. */
export type Page = ReadonlyMap<string, PageFile>

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** Where the build puts the page: beside the bundle, or under `dist` when the sources run. */
export function builtPageDirectory(): string {
  const candidates = ['./page/', '../../dist/page/'].map((relative) =>
    fileURLToPath(new URL(relative, import.meta.url)),
  )
  return candidates.find((directory) => existsSync(directory)) ?? (candidates[0] as string)
}

/** Reads every file of the page; an empty map when there is no page. */
export function readPage(directory: string): Page {
  if (!existsSync(directory)) return new Map()
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
  const files = names.map((name): [string, PageFile] => {
    const urlPath = `/${name.split(path.sep).join('/')}`
    return [urlPath, pageFile(path.join(directory, name), urlPath)]
  })
  const page = new Map(files)
  const index = page.get('/index.html')
  if (index !== undefined) page.set('/', index)
  return page
}

function pageFile(file: string, urlPath: string): PageFile {
  const body = readFileSync(file)
  return {
    body,
    contentType: contentTypes[path.extname(file)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`,
    isImmutable: urlPath.startsWith('/assets/'),
  }
}
