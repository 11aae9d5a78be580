/* What can be exported, and what reading it takes. */
import type { Schemas } from '../../api'
import { session } from '../../session'

export type Export = Schemas['ExportInfo']
export type Kind = Export['kind']
export type Form = Export['form']

export const KINDS: readonly Kind[] = ['members', 'activities', 'postings', 'lots', 'coupons']
export const FORMS: readonly Form[] = ['xlsx', 'csv']

const READING: Record<Kind, readonly string[]> = {
  members: ['members.read', 'balances.read'],
  activities: ['activities.read'],
  postings: ['balances.read'],
  lots: ['balances.read'],
  coupons: ['balances.read'],
}

export function may(kind: Kind): boolean {
  return READING[kind].every((right) => session.may(right))
}

/** Whether it is of a period; the others are told as they stand. */
export function inPeriod(kind: Kind): boolean {
  return kind === 'activities' || kind === 'postings' || kind === 'coupons'
}

export function isOpen(each: Export): boolean {
  return each.status === 'waiting' || each.status === 'running'
}

/** 96,412 bytes as 94 KB. */
export function size(bytes: number, locale: string): string {
  const [unit, amount] =
    bytes < 1024
      ? (['byte', bytes] as const)
      : bytes < 1024 ** 2
        ? (['kilobyte', bytes / 1024] as const)
        : (['megabyte', bytes / 1024 ** 2] as const)
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: unit === 'byte' ? 'long' : 'short',
    maximumFractionDigits: amount < 10 ? 1 : 0,
  }).format(amount)
}
