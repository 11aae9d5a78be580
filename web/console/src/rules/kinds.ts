/* Objects of one kind among several, such as the ways in which points expire. */
import type { Editor } from './editor'
import { fresh, shapeOf, type Row, type Schema } from './schema'

/** The kinds of a schema; none where there is only one. */
export function kindsOf(schema: Schema): string[] {
  const shape = shapeOf(schema)
  return shape.is === 'union' ? Object.keys(shape.kinds) : []
}

export function kindOf(row: unknown): string {
  return String((row as Row | undefined)?.kind ?? '')
}

/** The definition by which a row is drawn; empty where nothing is known of it. */
export function defOf(schema: Schema, row: unknown): string {
  const shape = shapeOf(schema)
  if (shape.is === 'object') return shape.def
  return shape.is === 'union' ? (shape.kinds[kindOf(row)] ?? '') : ''
}

/** The row as another kind: what two kinds have in common stays. */
export function otherKind(schema: Schema, before: unknown, kind: string, editor: Editor): Row {
  const shape = shapeOf(schema)
  if (shape.is !== 'union') return (before ?? {}) as Row
  const known = editor.defs.$defs[shape.kinds[kind]!]?.properties ?? {}
  const kept = Object.entries((before ?? {}) as Row).filter(([name]) => name in known)
  return { ...(fresh(schema, editor.defs, kind) as Row), ...Object.fromEntries(kept), kind }
}
