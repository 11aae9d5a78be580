/* An activity in a few words, for lists. */
import type { Schemas } from './api'
import { money } from './format'
import { i18n } from './i18n'
import { tierName } from './units'

type Told = Schemas['ActivityInfo']
/** Keys that are made of codes are not in the types of the texts. */
export interface Words {
  t: (key: string, named?: Record<string, unknown>) => string
  te: (key: string) => boolean
}
type Line = { amount_minor: number; discount_minor?: number }
const { t, te } = i18n.global as unknown as Words

export function kindName(kind: string): string {
  return te(`activity.kinds.${kind}`) ? t(`activity.kinds.${kind}`) : kind
}

/** What happened: 消费 ¥128.00, 签到, 人工调整. */
export function titleOf(activity: Told): string {
  const body = activity.body as Record<string, unknown>
  if (activity.kind === 'behaviour') {
    const name = String(body.name ?? '')
    return te(`activity.behaviours.${name}`) ? t(`activity.behaviours.${name}`) : name
  }
  if (Array.isArray(body.lines) && ['purchase', 'checkout'].includes(activity.kind)) {
    return `${kindName(activity.kind)} ${money(netOf(body.lines as Line[]))}`
  }
  if (activity.kind === 'top_up') return `${kindName('top_up')} ${money(Number(body.paid_minor))}`
  if (activity.kind === 'tier_reached') return `${kindName('tier_reached')} ${tierName(activity.tier)}`
  return kindName(activity.kind)
}

/** What of it helps to find it again: its reference, or the reason that staff gave. */
export function detailOf(activity: Told): string {
  const { reason, note } = activity.body as Record<string, unknown>
  return activity.reference ?? String(reason ?? note ?? '')
}

export function netOf(lines: Line[]): number {
  return lines.reduce((sum, line) => sum + line.amount_minor - (line.discount_minor ?? 0), 0)
}
