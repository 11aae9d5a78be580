/* Figures as a shop reads them: shares, changes, and the short numbers of an axis. */
import type { Schemas } from '../../api'
import { money, points } from '../../format'
import { language } from '../../i18n'

/** Every report by its name. */
export interface Reports {
  points: Schemas['PointsReport']
  liability: Schemas['LiabilityReport']
  sales: Schemas['SalesReport']
  members: Schemas['MembersReport']
  flows: Schemas['FlowsReport']
  cohorts: Schemas['CohortsReport']
  rfm: Schemas['RfmReport']
  tiers: Schemas['TiersReport']
}
type Sales = Schemas['Sales']

const MYRIAD = 10_000
const THOUSAND = 1_000

/** What members paid and kept. */
export function net(sales: Sales): number {
  return sales.paid_minor - sales.refunded_minor
}

/** The same of orders without a member. */
export function netOfGuests(sales: Sales): number {
  return sales.guest_paid_minor - sales.guest_refunded_minor
}

/** A part of a whole: 63.6 %. Nothing where there is no whole. */
export function share(part: number, whole: number): string {
  if (whole <= 0) return ''
  return new Intl.NumberFormat(language() === 'zh' ? 'zh-CN' : 'en-GB', {
    style: 'percent',
    maximumFractionDigits: 1,
  }).format(part / whole)
}

/** By how much something changed: +8.2 %, −2.1 %. Nothing where there was nothing before. */
export function change(now: number, before: number): string {
  if (before <= 0) return ''
  const told = share(Math.abs(now - before), before)
  return now > before ? `+${told}` : now < before ? `−${told}` : told
}

/** A number beside an axis: 9,000, above ten thousand 1.5万 or 15k. */
export function short(value: number): string {
  if (Math.abs(value) < MYRIAD) return points(value)
  const [unit, sign] = language() === 'zh' ? [MYRIAD, '万'] : [THOUSAND, 'k']
  const shown = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 }).format(
    Math.abs(value) / unit,
  )
  return `${value < 0 ? '−' : ''}${shown}${sign}`
}

/** Money beside an axis. */
export function shortMoney(minor: number): string {
  const symbol = money(0).replace(/[\d.,\s]/g, '')
  return minor < 0 ? `−${symbol}${short(-minor / 100)}` : symbol + short(minor / 100)
}

const LARGE = 10_000_000

/** A large figure: whole, and in 万 or k from ten million on. */
export function large(value: number): string {
  return Math.abs(value) < LARGE ? points(value) : short(value)
}

/** Money as a large figure. */
export function largeMoney(minor: number): string {
  return Math.abs(minor / 100) < LARGE ? money(minor, true) : shortMoney(minor)
}

/** Month and day of a calendar day. */
export function shortDay(day: string): string {
  return day.slice(5)
}

/** How deep a cell of a map is coloured, in percent. The smallest of them can be seen, and text can
 * be read on the largest, in both themes. */
export function depth(value: number, most: number): number {
  return value > 0 && most > 0 ? Math.round(8 + (40 * value) / most) : 0
}
