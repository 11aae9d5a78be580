/* What is different between two rule sets, path by path. */
import { same, type Json, type Row } from './schema'

export interface Difference {
  path: string
  /** The steps of the path; those by code have it in front of them: `rules`, `#spend`, `points`. */
  steps: string[]
  before: Json
  after: Json
}

function isRow(value: Json): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The rows of a list by their codes; null where they have none of their own. */
function byCode(value: Json): Map<string, Row> | null {
  if (!Array.isArray(value)) return null
  const found = new Map<string, Row>()
  for (const row of value) {
    if (!isRow(row) || typeof row.code !== 'string' || found.has(row.code)) return null
    found.set(row.code, row)
  }
  return found
}

function keys(one: Iterable<string>, other: Iterable<string>): string[] {
  return [...new Set([...one, ...other])]
}

export function differences(before: Json, after: Json, steps: string[] = []): Difference[] {
  if (same(before, after)) return []
  if (isRow(before) && isRow(after)) {
    return keys(Object.keys(before), Object.keys(after)).flatMap((key) =>
      differences(before[key], after[key], [...steps, key]),
    )
  }
  const rows = byCode(before)
  const others = byCode(after)
  if (rows && others && (rows.size || others.size)) {
    const inside = keys(rows.keys(), others.keys()).flatMap((code) =>
      differences(rows.get(code), others.get(code), [...steps, `#${code}`]),
    )
    if (inside.length) return inside
    // The same rows in another order.
    return [{ path: steps.join('.'), steps, before: [...rows.keys()], after: [...others.keys()] }]
  }
  return [{ path: steps.join('.'), steps, before, after }]
}
