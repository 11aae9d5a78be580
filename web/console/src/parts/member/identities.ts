/* Members by what was typed, and how one is shown. */
import { api, Refused, told, type Schemas } from '../../api'
import { identitiesIn } from '../../rules/identities'

export type Member = Schemas['Member']

/** The member whom this text names, whatever kind of identity it is; null when nobody has it. */
export async function lookUp(text: string): Promise<Member | null> {
  for (const { kind, value } of identitiesIn(text)) {
    try {
      if (kind === 'id') {
        const params = { path: { member_id: value } }
        return await told(api.GET('/api/v1/members/{member_id}', { params }))
      }
      return await told(api.POST('/api/v1/members/lookup', { body: { kind, value } }))
    } catch (error) {
      // Nobody has it, or it is no identity of this kind: try the next.
      if (!(error instanceof Refused) || ![404, 422].includes(error.problem.status)) throw error
    }
  }
  return null
}

type Identity = Member['identities'][number]

/** As it may stand on a screen that others see, too, whatever the right of who is signed in. */
export function masked({ kind, value }: Identity): string {
  if (value.includes('*')) return value
  if (kind === 'phone') {
    const home = value.replace(/^\+86/, '')
    return `${home.slice(0, 3)}****${home.slice(-4)}`
  }
  if (kind === 'email') return value.replace(/^(.)[^@]*/, '$1***')
  return value
}

export function phoneOf(member: Member): string {
  const phone = member.identities.find((identity) => identity.kind === 'phone')
  return phone ? masked(phone) : ''
}

/** What to call somebody: the name, else the first identity, else the id. */
export function callOf(member: Member): string {
  const first = member.identities[0]
  return member.name || (first ? masked(first) : member.id)
}
