/* Days of the programme's zone as moments. */

/** When a day (`2026-05-01`) begins in a zone, as an instant in UTC. */
export function beginOf(day: string, zone: string | undefined): string {
  return momentOf(`${day}T00:00`, zone)
}

/** What the clocks of a zone show (`2026-05-01T09:30`), as an instant in UTC. */
export function momentOf(shown: string, zone: string | undefined): string {
  const wall = Date.parse(`${shown}:00Z`)
  // Twice: the offset at the first guess may be that of the other side of a clock change.
  let at = wall - offsetMs(wall, zone)
  at = wall - offsetMs(at, zone)
  return new Date(at).toISOString()
}

/** The day after. */
export function after(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

function offsetMs(at: number, zone: string | undefined): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(at)
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  return wall - Math.floor(at / 1000) * 1000
}
