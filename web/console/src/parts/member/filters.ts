/* What the list of members is chosen by: in the address, so that a list can be kept and sent. */
import type { Schemas } from '../../api'

export const NAMES = ['status', 'tier', 'tag', 'segment', 'store'] as const
export type FilterName = (typeof NAMES)[number]
export type Filters = Record<FilterName, string>
type Status = Schemas['Member']['status']
export const STATUSES: readonly Status[] = ['active', 'frozen', 'left', 'erased', 'merged']

export function read(query: Record<string, unknown>): Filters {
  const found = NAMES.map((name) => [name, typeof query[name] === 'string' ? query[name] : ''])
  return Object.fromEntries(found) as Filters
}

/** Without what is empty. */
export function written(filters: Filters): Partial<Filters> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value))
}

/** The condition that chooses the same members, for a gift to them; none where they are of a
    segment, or of a status: gifts go to active members. */
export function conditionOf(filters: Filters): object | null {
  if (filters.segment || (filters.status && filters.status !== 'active')) return null
  const parts = (['tier', 'tag', 'store'] as const)
    .filter((name) => filters[name])
    .map((name) => ({ kind: name, any_of: [filters[name]] }))
  return parts.length ? { kind: 'all', of: parts } : null
}
