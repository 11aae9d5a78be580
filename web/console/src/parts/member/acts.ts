/* What staff may do to a member: the right it needs, when it fits, and the call that does it. */
import { api, told, type Schemas } from '../../api'
import { session } from '../../session'

export type Act =
  | 'adjust' | 'gift' | 'transfer' | 'freeze' | 'unfreeze' | 'merge' | 'leave' | 'erase'
type Member = Schemas['Member']

export interface Form {
  unit: string
  take: boolean
  points: number | undefined
  reason: string
  note: string
  other: Member | null
  confirmed: boolean
}

/** One try of an act: the same key and time until it is done. */
export interface Try {
  key: string
  occurred_at: string
}

const RIGHTS: Record<Act, string[]> = {
  adjust: ['activities.write', 'adjust'],
  gift: ['activities.write', 'adjust'],
  transfer: ['activities.write', 'transfer'],
  freeze: ['members.freeze'],
  unfreeze: ['members.freeze'],
  merge: ['members.merge'],
  leave: ['members.end'],
  erase: ['members.end'],
}
const FITS: Record<Act, Member['status'][]> = {
  adjust: ['active'],
  gift: ['active'],
  transfer: ['active'],
  freeze: ['active'],
  unfreeze: ['frozen'],
  merge: ['active'],
  leave: ['active', 'frozen'],
  erase: ['active', 'frozen', 'left'],
}

/** Acts that cannot be taken back, or only in days: somebody has to say that they are sure. */
export const SURE: readonly Act[] = ['merge', 'leave', 'erase']
export const DANGEROUS: readonly Act[] = ['freeze', 'merge', 'leave', 'erase']
export const OF_POINTS: readonly Act[] = ['adjust', 'gift', 'transfer']
export const REASONED: readonly Act[] = ['adjust', 'gift', 'freeze', 'unfreeze', 'merge', 'leave']
export const BETWEEN: readonly Act[] = ['transfer', 'merge']

export function allowed(act: Act): boolean {
  return RIGHTS[act].every((right) => session.may(right))
}

export function fits(act: Act, member: Member): boolean {
  return FITS[act].includes(member.status)
}

/** What became of an act: the new balances where points moved, or that somebody else has to confirm
    it first. */
type Done = Schemas['Balance'][] | 'waits'

/** Do it. */
export async function perform(
  act: Act,
  member: Member,
  form: Form,
  { key, occurred_at }: Try,
): Promise<Done> {
  const actor = session.who?.name ?? ''
  const reason = form.reason.trim()
  const path = { member_id: member.id }
  const header = { 'Idempotency-Key': key }
  const self = { kind: 'id' as const, value: member.id }
  const other = { kind: 'id' as const, value: form.other?.id ?? '' }
  const points = form.points ?? 0
  const done = { occurred_at, reason, actor }
  switch (act) {
    case 'adjust':
    case 'gift':
    case 'transfer': {
      const what = { occurred_at, member: self, unit: form.unit }
      const body = {
        adjust: { kind: 'adjustment', ...what, points: form.take ? -points : points, reason, actor },
        gift: { kind: 'gift', ...what, points, reason, actor },
        transfer: { kind: 'transfer', ...what, to: other, points, note: form.note.trim() },
      }[act] as Schemas['ActivityBody']
      const booked = await told(api.POST('/api/v1/activities', { params: { header }, body }))
      // Above the programme's limit it is no booking yet, but a request.
      return 'requested_at' in booked ? 'waits' : (booked.balances ?? [])
    }
    case 'freeze': {
      const body = { reason, actor }
      await told(api.POST('/api/v1/members/{member_id}/freeze', { params: { path }, body }))
      return []
    }
    case 'unfreeze': {
      const body = { reason, actor }
      await told(api.POST('/api/v1/members/{member_id}/unfreeze', { params: { path }, body }))
      return []
    }
    case 'merge': {
      const body = { ...done, other }
      const params = { path, header }
      await told(api.POST('/api/v1/members/{member_id}/merge', { params, body }))
      return []
    }
    case 'leave': {
      const params = { path, header }
      await told(api.POST('/api/v1/members/{member_id}/leave', { params, body: done }))
      return []
    }
    case 'erase': {
      const params = { path, header }
      const body = { occurred_at, actor }
      await told(api.POST('/api/v1/members/{member_id}/erase', { params, body }))
      return []
    }
  }
}
