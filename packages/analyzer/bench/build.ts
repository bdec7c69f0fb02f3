/**
 * Builds the benches into `bench/dist`: each as one bundle, as the package ships, without the closures that tsx adds to keep
 * names, which slow what is measured; and protobufjs's static code from the descriptor of the tests.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { main as pbjs } from 'protobufjs-cli/pbjs.js'
import { build } from 'tsdown'
import { root } from '../src/otlp/otlp-proto.ts'

const BENCHES = [
  'bench/analyzer/analyzer-bench.ts',
  'bench/decode/decode-bench.ts',
  'src/detect/offline/change-points.bench.ts',
  'src/memory.bench.ts',
  'src/path/path.bench.ts',
]

const folder = fileURLToPath(new URL('..', import.meta.url))
const dist = `${folder}/bench/dist`
const descriptor = `${dist}/otlp.json`

mkdirSync(dist, { recursive: true })
for (const bench of BENCHES)
  await build({
    config: false,
    cwd: folder,
    // Each by itself: several in one call would share their modules as chunks.
    entry: [bench],
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    dts: false,
    outDir: dist,
    clean: false,
    logLevel: 'warn',
  })
writeFileSync(descriptor, JSON.stringify(root.toJSON()))
await new Promise<void>((resolve, reject) => {
  const args = ['--target', 'static-module', '--wrap', 'es6', '--es6', '--no-create', '--no-verify']
  pbjs([...args, '--out', `${dist}/otlp-static.mjs`, descriptor], (error) =>
    error === null ? resolve() : reject(error),
  )
})
