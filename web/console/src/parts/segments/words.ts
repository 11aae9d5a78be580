/* A condition in words. */
import { day, money, points } from '../../format'
import { t } from '../../i18n'
import { storeName, tierName } from '../../units'

export interface Told {
  kind: string
  of?: Told | Told[]
  any_of?: string[]
  stores?: string[]
  days?: number
  next_days?: number
  at_least?: number
  below?: number
  at_least_minor?: number
  below_minor?: number
  first?: string
  last?: string
  since?: string
  until?: string
}

function either(words: string[]): string {
  return words.join(t('segments.say.or'))
}

function where(told: Told): string {
  return told.stores ? t('segments.say.where', { stores: either(told.stores.map(storeName)) }) : ''
}

function when(told: Told): string {
  return told.days === undefined ? t('segments.say.ever') : t('segments.say.days', { days: told.days })
}

function range(low: number | undefined, high: number | undefined, show: (n: number) => string) {
  const ends = { low: show(low ?? 0), high: show(high ?? 0) }
  if (low !== undefined && high !== undefined) return t('segments.say.between', ends)
  return t(low === undefined ? 'segments.say.below' : 'segments.say.atLeast', ends)
}

function acted(told: Told): string {
  const facts = { when: when(told), where: where(told) }
  if (told.kind === 'spend') {
    const bounds = range(told.at_least_minor, told.below_minor, (minor) => money(minor, minor % 100 === 0))
    return t('segments.say.spend', { ...facts, bounds })
  }
  if (told.kind === 'orders') {
    return t('segments.say.orders', { ...facts, bounds: range(told.at_least, told.below, points) })
  }
  return t(told.kind === 'last_order' ? 'segments.say.ordered' : 'segments.say.visited', facts)
}

function born(told: Told): string {
  if (told.next_days === 0) return t('segments.say.bornToday')
  if (told.next_days !== undefined) return t('segments.say.bornSoon', { days: told.next_days })
  return t('segments.say.born', { first: told.first ?? '', last: told.last ?? '' })
}

function enrolled(told: Told): string {
  if (told.days !== undefined) return t('segments.say.joinedLast', { days: told.days })
  const ends = { since: day(told.since), until: day(told.until) }
  if (told.since && told.until) return t('segments.say.joinedBetween', ends)
  return t(told.since ? 'segments.say.joinedSince' : 'segments.say.joinedUntil', ends)
}

function parts(told: Told): Told[] {
  return Array.isArray(told.of) ? told.of : told.of ? [told.of] : []
}

/** One part among others: in brackets where it joins some itself. */
function part(told: Told): string {
  const joins = ['all', 'any'].includes(told.kind) && parts(told).length > 1
  return joins ? t('segments.say.brackets', { words: inWords(told) }) : inWords(told)
}

export function inWords(condition: unknown): string {
  const told = condition as Told
  switch (told.kind) {
    case 'all':
      return parts(told).map(part).join(t('segments.say.and'))
    case 'any':
      return either(parts(told).map(part))
    case 'not':
      return t('segments.say.not', { words: parts(told).map(part).join('') })
    case 'tier': {
      const names = (told.any_of ?? []).map((code) => (code ? tierName(code) : t('segments.say.noTier')))
      return t('segments.say.tier', { names: either(names) })
    }
    case 'tag':
      return t('segments.say.tag', { names: either(told.any_of ?? []) })
    case 'store':
      return t('segments.say.store', { names: either((told.any_of ?? []).map(storeName)) })
    case 'birthday':
      return born(told)
    case 'enrolled':
      return enrolled(told)
    default:
      return acted(told)
  }
}
