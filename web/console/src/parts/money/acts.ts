/* Booking one act of the money side, and what it would do. */
import { api, newKey, told, type Schemas } from '../../api'
import { session } from '../../session'

export type Body = Schemas['ActivityBody']
export type Booked = Schemas['Booked']
type Waits = Schemas['ApprovalInfo']

/** One try of an act: the same key and time until it is done. */
export interface Attempt {
  key: string
  occurred_at: string
}

export function attempt(): Attempt {
  return { key: newKey(), occurred_at: new Date().toISOString() }
}

/** Book it; `null` means that somebody else has to confirm it first. */
export async function book(body: Body, { key }: Attempt): Promise<Booked | null> {
  const params = { header: { 'Idempotency-Key': key } }
  const done = (await told(api.POST('/api/v1/activities', { params, body }))) as Booked | Waits
  return 'requested_at' in done ? null : done
}

/** What booking it now would answer. */
export async function foresee(body: Body): Promise<Booked> {
  return (await told(api.POST('/api/v1/activities/preview', { body: body as never }))) as Booked
}

/** Who does it, as the books keep it. */
export function actor(): string {
  return session.who?.name ?? ''
}

/** The stores at which somebody works: all, or those of the person. */
export function ownStores() {
  const mine = session.who?.stores ?? null
  return session.programme?.stores.filter((each) => mine?.includes(each.code) ?? true) ?? []
}
