/* Numbers, money and times as a shop reads them. */
import { language } from './i18n'
import { session } from './session'

function locale(): string {
  return language() === 'zh' ? 'zh-CN' : 'en-GB'
}

/** Points: 1,234; in a ledger with their sign. */
export function points(amount: number, signed = false): string {
  const shown = new Intl.NumberFormat(locale()).format(Math.abs(amount))
  if (!signed) return amount < 0 ? `−${shown}` : shown
  return amount > 0 ? `+${shown}` : amount < 0 ? `−${shown}` : shown
}

/** Minor units of the programme's currency; whole ones of the main unit where those say enough. */
export function money(minor: number, whole = false): string {
  const currency = session.programme?.currency ?? 'CNY'
  return new Intl.NumberFormat(locale(), {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    ...(whole && { maximumFractionDigits: 0 }),
  }).format(minor / 100)
}

/** The sign of the programme's currency, for labels: ¥. */
export function currencySign(): string {
  return money(0, true).replace(/[\d\s]/g, '')
}

/** A moment in the programme's own zone. */
export function moment(at: string | null | undefined): string {
  if (!at) return ''
  return new Intl.DateTimeFormat(locale(), {
    timeZone: session.programme?.time_zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(at))
}

/** A calendar day, which has no zone. */
export function day(on: string | null | undefined): string {
  if (!on) return ''
  return new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', dateStyle: 'medium' }).format(
    new Date(`${on}T00:00:00Z`),
  )
}
