/* A gift to many: what is asked for, and a run in words. */
import type { Schemas } from '../../api'
import { t, te } from '../../i18n'
import { after, beginOf } from '../../rules/days'
import type { Row } from '../../rules/schema'
import { session } from '../../session'
import { isBlank, plain, type Joined } from '../segments/conditions'
import { inWords } from '../segments/words'

export type Run = Schemas['GiftRunInfo']
export type To = 'all' | 'tag' | 'segment' | 'condition'
export const TO: readonly To[] = ['all', 'tag', 'segment', 'condition']

export interface Form {
  unit: string
  points: number | undefined
  reason: string
  /** Its last day; empty where it ends as earned points do. */
  until: string
  to: To
  tag: string
  segment: string
  condition: Joined
}

function receivers(form: Form): Row | null {
  switch (form.to) {
    case 'all':
      return { kind: 'all' }
    case 'tag':
      return form.tag ? { kind: 'condition', condition: { kind: 'tag', any_of: [form.tag] } } : null
    case 'segment':
      return form.segment ? { kind: 'segment', segment: form.segment } : null
    case 'condition':
      return !isBlank(form.condition) ? { kind: 'condition', condition: plain(form.condition) } : null
  }
}

/** What the API is asked; nothing while something is missing. */
export function bodyOf(form: Form): Schemas['BulkGift'] | null {
  const to = receivers(form)
  if (!to || !form.points || !form.unit || !form.reason.trim()) return null
  const ends = form.until && beginOf(after(form.until), session.programme?.time_zone)
  return {
    unit: form.unit,
    points: form.points,
    reason: form.reason.trim(),
    actor: session.who?.name ?? '',
    to: to as never,
    ...(ends && { expires_at: ends }),
  }
}

export function isOpen(run: Run): boolean {
  return run.status === 'choosing' || run.status === 'giving'
}

export function refusedIn(run: Run): number {
  return Object.values(run.refused).reduce((sum, each) => sum + each, 0)
}

/** Of a hundred, how many members it has been tried for. */
export function percentOf(run: Run): number {
  if (run.status === 'done') return 100
  return run.members ? Math.floor(((run.given + refusedIn(run)) / run.members) * 100) : 0
}

/** To whom it goes, in words. */
export function toWhom(run: Run, segments: Map<string, string>): string {
  if (run.to === 'segment') {
    return t('gifts.whom.segment', { name: segments.get(run.segment) ?? run.segment })
  }
  if (run.to === 'condition') return t('gifts.whom.condition', { words: inWords(run.condition) })
  return t(`gifts.whom.${run.to}`)
}

/** Why somebody does not get it. */
export function why(code: string): string {
  return te(`gifts.refusals.${code}`) ? t(`gifts.refusals.${code}`) : code
}
