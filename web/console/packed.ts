/* What becomes of the built files: the page stands apart from what is served as it is, because it
   needs its policy; each file has a compressed one beside it; and the first page stays small. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin, Rolldown } from 'vite'

const MOST_BYTES = 110_000
/** What somebody loads until the first page after sign-in stands there. */
const FIRST = ['/pages/SignIn.vue', '/pages/Members.vue', '/texts/zh.ts']
const COMPRESSED = /\.(js|css|svg)$/

export function packed(folder: string, page: string): Plugin {
  return {
    name: 'jifen-packed',
    apply: 'build',
    generateBundle(_, bundle) {
      const bytes = firstBytes(bundle)
      const told = `JavaScript of the first page: ${(bytes / 1000).toFixed(1)} kB of ${MOST_BYTES / 1000} kB (gzip)`
      if (bytes > MOST_BYTES) this.error(`${told}: load what is heavy later`)
      this.info(told)
    },
    writeBundle() {
      mkdirSync(join(page, '..'), { recursive: true })
      renameSync(join(folder, 'index.html'), page)
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf-8' })) {
        const path = join(folder, name)
        if (COMPRESSED.test(name)) writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }))
      }
    },
  }
}

function firstBytes(bundle: Rolldown.OutputBundle): number {
  const chunks = Object.values(bundle).filter((each) => each.type === 'chunk')
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const todo = chunks.filter(
    (chunk) => chunk.isEntry || FIRST.some((name) => chunk.facadeModuleId?.endsWith(name)),
  )
  const seen = new Set<string>()
  let bytes = 0
  for (let chunk = todo.pop(); chunk; chunk = todo.pop()) {
    if (seen.has(chunk.fileName)) continue
    seen.add(chunk.fileName)
    bytes += gzipSync(chunk.code, { level: 9 }).length
    for (const name of chunk.imports) {
      const next = byName.get(name)
      if (next) todo.push(next)
    }
  }
  return bytes
}
