/* Days in the programme's own zone. */
import { session } from '../../session'

/** The local day of a moment, as 2026-05-01. */
export function localDay(at: string | Date): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone: session.programme?.time_zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(new Date(at))
}

/** The last local day of what ends at a moment: at midnight that is the day before. */
export function lastDay(at: string): string {
  return localDay(new Date(new Date(at).getTime() - 1))
}

/** Whole days from today to a local day. */
export function daysUntil(on: string): number {
  const today = localDay(new Date())
  return Math.round((Date.parse(on) - Date.parse(today)) / 86_400_000)
}
