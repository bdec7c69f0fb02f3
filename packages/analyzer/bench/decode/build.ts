/**
 * Builds the bench into `bench/dist`: protobufjs's static code from the descriptor of the tests, and one bundle without
 * the closures that tsx adds to keep names, which slow what is measured.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { main as pbjs } from 'protobufjs-cli/pbjs.js'
import { build } from 'tsdown'
import { root } from '../../src/otlp/otlp-proto.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))
const dist = `${folder}/dist`
const descriptor = `${dist}/otlp.json`

await build({
  config: false,
  cwd: folder,
  entry: ['decode/decode-bench.ts'],
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  dts: false,
  outDir: dist,
  logLevel: 'warn',
})
mkdirSync(dist, { recursive: true })
writeFileSync(descriptor, JSON.stringify(root.toJSON()))
await new Promise<void>((resolve, reject) => {
  const args = ['--target', 'static-module', '--wrap', 'es6', '--es6', '--no-create', '--no-verify']
  pbjs([...args, '--out', `${dist}/otlp-static.mjs`, descriptor], (error) =>
    error === null ? resolve() : reject(error),
  )
})
