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
