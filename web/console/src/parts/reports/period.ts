/* Which days a dashboard tells: the last so many, today included, in the programme's own zone. */
import { toRaw } from 'vue'
import { session } from '../../session'
import { after } from '../../rules/days'

export const SPANS = [7, 30, 90, 365] as const

/** Today in the programme's zone, such as `2026-05-01`. */
export function today(): string {
  // Raw: whoever signs out has no programme any more, and that is no other period to ask for.
  const timeZone = toRaw(session).programme?.time_zone
  // Swedish writes a day as the API does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date())
}

/** The first of so many days until today, and the day after today. */
export function lastDays(count: number): { since: string; until: string } {
  const until = after(today())
  const since = new Date(Date.parse(`${until}T00:00:00Z`) - count * 86_400_000)
  return { since: since.toISOString().slice(0, 10), until }
}
