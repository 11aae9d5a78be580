/* Kinds of coupon as the rules define them, in words. */
import { day, money } from '../../format'
import { i18n, language } from '../../i18n'
import type { Row } from '../../rules/schema'
import { storeName } from '../../units'
import type { Defined } from './Terms.vue'

type Words = { zh: string; en: string }
/** A kind of coupon, as far as it is told here; what is left out has its usual value. */
interface Kind {
  name: Words
  gives: {
    kind: 'amount' | 'percent' | 'goods' | 'free_delivery'
    minor?: number
    pay?: string
    pieces?: number
    up_to_minor?: number
  }
  valid?: { kind: 'days' | 'dates' | 'always'; days?: number; from?: string; until?: string }
  threshold_minor?: number
  stores?: string[]
  products?: string[]
  categories?: string[]
  group?: string
  per_order?: number
  give_back?: 'never' | 'full_refund' | 'its_lines'
}
const { t } = i18n.global

export function kindName(row: Row): string {
  return (row as unknown as Kind).name[language()]
}

export function definedCoupon(code: string, row: Row): Defined {
  const kind = row as unknown as Kind
  const term = (name: string, text: string) => ({ label: t(`money.coupons.terms.${name}`), text })
  const only = [...(kind.products ?? []), ...(kind.categories ?? [])]
  return {
    code,
    name: kindName(row),
    does: givesOf(kind),
    terms: [
      term('threshold', kind.threshold_minor ? money(kind.threshold_minor) : t('money.none')),
      term('valid', validOf(kind)),
      term('stores', several(kind.stores?.map(storeName)) || t('money.everywhere')),
      term('products', several(only) || t('money.everything')),
      term('together', togetherOf(kind)),
      term('giveBack', t(`money.coupons.giveBack.${kind.give_back ?? 'full_refund'}`)),
    ],
  }
}

function givesOf({ gives }: Kind): string {
  const most = gives.up_to_minor ? t('money.coupons.upTo', { amount: money(gives.up_to_minor) }) : ''
  switch (gives.kind) {
    case 'amount':
      return t('money.coupons.gives.amount', { amount: money(gives.minor ?? 0) })
    case 'percent': {
      const pay = Number(gives.pay)
      // Chinese says how many tenths are left to pay, English what is taken off.
      const rate = trimmed(language() === 'zh' ? pay * 10 : (1 - pay) * 100)
      return t('money.coupons.gives.percent', { rate }) + most
    }
    case 'goods':
      return t('money.coupons.gives.goods', { pieces: gives.pieces ?? 1 }) + most
    case 'free_delivery':
      return t('money.coupons.gives.free_delivery') + most
  }
}

function validOf({ valid }: Kind): string {
  if (valid?.kind === 'days') return t('money.coupons.valid.days', { days: valid.days ?? 0 })
  if (valid?.kind !== 'dates') return t('money.coupons.valid.always')
  return t('money.coupons.valid.dates', { from: day(valid.from), until: day(valid.until) })
}

function togetherOf({ group, per_order }: Kind): string {
  return t('money.coupons.together', { group: group ?? 'coupon', count: per_order ?? 1 })
}

function several(names: string[] | undefined): string {
  return (names ?? []).join(t('list.comma'))
}

/** Without the noise of binary fractions: 8.8, 12. */
function trimmed(value: number): string {
  return String(Number(value.toFixed(2)))
}

/** Codes as a file that Excel opens: the mark tells it that this is UTF-8. */
export function fileOf(coupons: readonly { code: string; kind: string; valid_until?: string | null }[]) {
  const rows = coupons.map((each) => [each.code, each.kind, each.valid_until ?? ''].join(','))
  const text = `\ufeff${['code,kind,valid_until', ...rows].join('\n')}\n`
  return new Blob([text], { type: 'text/csv' })
}
