/**
 * Packs every published package and checks the archive with publint and attw: exports that exist, types that
 * match, for ESM and CommonJS.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const bin = (name) => `node_modules/.bin/${name}`
const published = readdirSync('packages').filter((folder) => !manifest(folder).private)
let failedCount = 0

for (const folder of published) {
  if (!existsSync(`packages/${folder}/dist`)) {
    console.error(`packages/${folder}/dist is missing; run \`pnpm build\``)
    process.exit(1)
  }
  check(folder, bin('publint'), ['--strict', '--pack', 'npm', `packages/${folder}`])
  // A binary alone has no types to check.
  if (manifest(folder).types !== undefined) check(folder, bin('attw'), attwArguments(folder))
}
console.log(`${published.length} packages checked, ${failedCount} checks failed`)
process.exitCode = failedCount > 0 ? 1 : 0

/** Packages for ESM only say so; attw then leaves out what CommonJS resolution would see. */
function attwArguments(folder) {
  const isEsmOnly = !JSON.stringify(manifest(folder).exports).includes('"require"')
  return [
    '--pack',
    `packages/${folder}`,
    '--format',
    'ascii',
    ...(isEsmOnly ? ['--profile', 'esm-only'] : ['--profile', 'node16']),
  ]
}

function check(folder, command, args) {
  try {
    execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    failedCount += 1
    console.error(`${folder}: ${command} ${args.join(' ')}\n${error.stdout}${error.stderr}`)
  }
}

function manifest(folder) {
  return JSON.parse(readFileSync(`packages/${folder}/package.json`, 'utf8'))
}
