import { start } from './register/start.ts'

start(import.meta.url)
