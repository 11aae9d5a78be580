/* What an act changed, field by field. */
export interface Change {
  field: string
  before: unknown
  after: unknown
  /** Nothing was there before. */
  isNew: boolean
}

/** These never tell anybody anything. */
const SILENT = new Set(['id', 'created_at'])

export function changesOf(before: unknown, after: unknown): Change[] {
  const [was, is] = [record(before), record(after)]
  const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])]
  return fields
    .filter((field) => !SILENT.has(field))
    .filter((field) => JSON.stringify(was[field]) !== JSON.stringify(is[field]))
    .map((field) => ({
      field,
      before: was[field],
      after: is[field],
      isNew: !(field in was),
    }))
}

function record(given: unknown): Record<string, unknown> {
  if (given === null || given === undefined) return {}
  return typeof given === 'object' && !Array.isArray(given)
    ? (given as Record<string, unknown>)
    : { value: given }
}
