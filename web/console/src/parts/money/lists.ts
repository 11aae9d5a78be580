/* Lists of what was booked at stores: what is asked for, as the API takes it. */
import { after } from '../../rules/days'

export interface Filters {
  store: string
  reference: string
  /** A member's id. */
  member: string
  since: string
  /** The last day, which the API counts as the one before. */
  until: string
}

export function noFilters(): Filters {
  return { store: '', reference: '', member: '', since: '', until: '' }
}

/** The rows of a page, each with the name of its member where that may be read. */
export function withNames<Row extends { member_id?: string | null }>(
  rows: Row[],
  names: Record<string, string>,
): (Row & { member: string })[] {
  return rows.map((row) => ({ ...row, member: names[row.member_id ?? ''] ?? '' }))
}

export function queryOf(filters: Filters, cursor: string | null) {
  return {
    cursor: cursor ?? undefined,
    store: filters.store || undefined,
    reference: filters.reference || undefined,
    member: filters.member || undefined,
    since: filters.since || undefined,
    until: filters.until ? after(filters.until) : undefined,
  }
}
