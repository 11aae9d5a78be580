/* What somebody typed, as the identities it may be, the likeliest first. */
export type Kind = 'id' | 'phone' | 'card' | 'external' | 'wechat' | 'email'
export interface Identity {
  kind: Kind
  value: string
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const PHONE = /^\+?[\d -]{7,20}$/

export function identitiesIn(text: string): Identity[] {
  const value = text.trim()
  if (!value) return []
  const kinds: Kind[] = ['card', 'external', 'wechat']
  if (value.includes('@')) kinds.unshift('email')
  if (PHONE.test(value)) kinds.unshift('phone')
  if (UUID.test(value.toLowerCase())) kinds.unshift('id')
  return kinds.map((kind) => ({ kind, value: kind === 'id' ? value.toLowerCase() : value }))
}
