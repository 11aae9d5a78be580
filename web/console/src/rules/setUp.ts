/* Setting up: which step comes next, and the numbers of a preset that a shop changes first. */
import type { Row } from './schema'

export const STEPS = ['programme', 'rules', 'member', 'order'] as const
export type Step = (typeof STEPS)[number] | 'done'

/** What is there so far, as the API tells it. */
export interface Place {
  signedIn: boolean
  version: number | null
  member: boolean
  order: boolean
}

/** The first step that is not done: leaving and coming back changes nothing. */
export function nextStep(place: Place): Step {
  if (!place.signedIn) return 'programme'
  if (place.version === null) return 'rules'
  if (!place.member) return 'member'
  return place.order ? 'done' : 'order'
}

/** A code made of a name, such as `the-tea-house`; a name without Latin letters is a shop. */
export function codeOf(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return plain.replace(/^-+|-+$/g, '').slice(0, 40).replace(/-$/, '') || 'shop'
}

export const ENDS = ['never', 'months', 'next_year'] as const
export type End = (typeof ENDS)[number]

/** How many points for how much money, how many points pay how much, and how long they are good. */
export interface Numbers {
  points: number
  perMinor: number
  worthPoints: number
  worthMinor: number
  ends: End
  months: number
}
const MONTHS = 12

function spend(document: Row): Row {
  const rules = (document.rules ?? []) as Row[]
  return rules.find((rule) => rule.kind === 'rate') ?? {}
}

/** The numbers of a preset. Every preset that is offered has all of them. */
export function numbersOf(document: Row): Numbers {
  const rate = spend(document)
  const offset = (document.offset ?? {}) as Row
  const expiry = ((document.expiry ?? {}) as Row).points as Row | undefined
  return {
    points: Number(rate.points),
    perMinor: Number(rate.per_minor),
    worthPoints: Number(offset.points),
    worthMinor: Number(offset.worth_minor),
    ends:
      expiry?.kind === 'after' ? 'months' : expiry?.kind === 'period_end' ? 'next_year' : 'never',
    months: expiry?.kind === 'after' ? Number(expiry.months) : MONTHS,
  }
}

function expiryOf({ ends, months }: Numbers): Row {
  if (ends === 'months') return { kind: 'after', months }
  return ends === 'next_year' ? { kind: 'period_end', period: 'year', plus: 1 } : { kind: 'never' }
}

/** The preset with these numbers; all else stays. */
export function withNumbers(document: Row, numbers: Numbers): Row {
  const rate = spend(document)
  const offset = { ...(document.offset as Row) }
  delete offset.step_points
  // Each step has to pay whole minor units.
  const step = numbers.worthPoints / divisor(numbers.worthPoints, numbers.worthMinor)
  return {
    ...document,
    rules: ((document.rules ?? []) as Row[]).map((rule) =>
      rule === rate ? { ...rule, points: numbers.points, per_minor: numbers.perMinor } : rule,
    ),
    offset: {
      ...offset,
      points: numbers.worthPoints,
      worth_minor: numbers.worthMinor,
      ...(step > 1 && { step_points: step }),
    },
    expiry: { ...(document.expiry as Row), points: expiryOf(numbers) },
  }
}

function divisor(one: number, other: number): number {
  return other ? divisor(other, one % other) : one || 1
}

/** Whether nobody is without a tier: the lowest begins at nothing. */
export function everyoneHasTier(document: Row): boolean {
  const rungs = ((document.ladder as Row | undefined)?.rungs ?? []) as Row[]
  return rungs[0]?.from === 0
}

/** Whether every number is a whole one above nothing, so that it can be tried. */
export function complete(numbers: Numbers): boolean {
  return [numbers.points, numbers.perMinor, numbers.worthPoints, numbers.worthMinor, numbers.months]
    .every((each) => Number.isInteger(each) && each > 0)
}
