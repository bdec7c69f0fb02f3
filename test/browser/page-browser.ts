import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { build } from 'vite'

const dashboardFolder = fileURLToPath(new URL('../../packages/dashboard', import.meta.url))

/** Builds the page from its sources with its own settings, so that no test runs against an old build. */
export async function buildPage(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'qflow-otel-page-'))
  await build({ root: dashboardFolder, logLevel: 'warn', build: { outDir: folder } })
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

export interface PageBrowser {
  open(url: string, view?: View): Promise<OpenPage>
  close(): Promise<void>
}

export interface View {
  readonly widthPx?: number
  readonly heightPx?: number
  readonly colorScheme?: 'light' | 'dark'
}

export interface OpenPage {
  readonly page: Page
  /** Console errors, uncaught errors and violations of the content security policy so far. */
  readonly complaints: readonly string[]
}

/** Debian's chromium, with nothing of its own on the network. */
export async function launchBrowser(): Promise<PageBrowser> {
  const userDataDir = await mkdtemp(join(tmpdir(), 'qflow-otel-chromium-'))
  const context = await chromium.launchPersistentContext(userDataDir, {
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  return {
    open: (url, view = {}) => openPage(context, url, view),
    close: async () => {
      await context.close()
      await rm(userDataDir, { recursive: true, force: true })
    },
  }
}

async function openPage(context: BrowserContext, url: string, view: View): Promise<OpenPage> {
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    // Chromium reports a violation of the policy as an error on the console, too.
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.setViewportSize({ width: view.widthPx ?? 1280, height: view.heightPx ?? 800 })
  await page.emulateMedia({ colorScheme: view.colorScheme ?? 'light' })
  await page.goto(url)
  return { page, complaints }
}
