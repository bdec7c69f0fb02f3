import { appendFile, mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { Action, ActionCall, ActionParams } from '../core/ActionRegistry.ts'
import { QflowError } from '../models/QflowError.ts'
import { paramFault, textParam } from './ParamReaders.ts'

interface FileResult {
  readonly path: string
  readonly bytes: number
  readonly content?: string
}

/** `qflow.action.file`: reads, writes or appends one UTF-8 file below `params.dir`, and nowhere else. */
export const fileAction: Action = {
  handler: work,
  spec: {
    params: {
      operation: { type: 'string', required: true, oneOf: ['read', 'write', 'append'] },
      dir: { type: 'string', required: true },
      path: { type: 'string', required: true },
      content: { type: 'any' },
    },
    permissions: [],
  },
}

async function work(params: ActionParams, call: ActionCall): Promise<FileResult> {
  const operation = textParam(params, 'operation')
  const path = textParam(params, 'path')
  const file = await fileBelow(textParam(params, 'dir'), path)
  const { signal } = call
  if (operation === 'read') {
    const content = await readFile(file, { encoding: 'utf8', signal })
    return { path, bytes: Buffer.byteLength(content), content }
  }
  const content = contentOf(params['content'])
  if (operation === 'write') await writeFile(file, content, { signal })
  else if (operation === 'append') await appendFile(file, content)
  else throw paramFault('operation', 'read, write or append', operation)
  return { path, bytes: Buffer.byteLength(content) }
}

function contentOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined) throw paramFault('content', 'what to write', value)
  return JSON.stringify(value)
}

/** The real path of the file; a path or a symbolic link that leads out of the directory is refused. */
async function fileBelow(dir: string, path: string): Promise<string> {
  const wanted = resolve(dir, path)
  if (!isBelow(resolve(dir), wanted)) throw outside(path)
  await mkdir(dirname(wanted), { recursive: true })
  const root = await realpath(dir)
  const folder = await realpath(dirname(wanted))
  const file = await realpath(wanted).catch(() => join(folder, basename(wanted)))
  if (!isBelow(root, file)) throw outside(path)
  return file
}

function isBelow(root: string, file: string): boolean {
  const path = relative(root, file)
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path)
}

function outside(path: string): QflowError {
  return new QflowError('permission_denied', `params.path: ${path} leads out of params.dir`)
}
