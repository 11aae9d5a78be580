/* Units, tiers and stores by their codes, in words: what the programme itself tells. */
import { money, points } from './format'
import { language } from './i18n'
import { session } from './session'

function unitOf(code: string) {
  return session.programme?.units.find((unit) => unit.code === code)
}

export function unitName(code: string): string {
  const unit = unitOf(code)
  if (!unit) return code
  return language() === 'zh' ? unit.name_zh : unit.name_en
}

export function unitKind(code: string): string {
  return unitOf(code)?.kind ?? 'points'
}

/** So many of a unit: points, or money where the unit counts it; in a ledger with the sign. */
export function counted(code: string, amount: number, signed = false): string {
  if (!['stored', 'bonus'].includes(unitKind(code))) return points(amount, signed)
  const sign = amount < 0 ? '−' : signed && amount > 0 ? '+' : ''
  return sign + money(Math.abs(amount))
}

/** The same with the unit's name: 120 积分. */
export function named(code: string, amount: number, signed = false): string {
  return `${counted(code, amount, signed)} ${unitName(code)}`
}

export function tierName(code: string): string {
  const tier = session.programme?.tiers.find((each) => each.code === code)
  return tier ? tier.name[language()] : code
}

export function storeName(code: string): string {
  return session.programme?.stores.find((store) => store.code === code)?.name ?? code
}
