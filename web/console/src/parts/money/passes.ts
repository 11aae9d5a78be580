/* Passes as the rules define them, in words. */
import { language, i18n } from '../../i18n'
import { session } from '../../session'
import { named, unitName } from '../../units'
import { ownStores } from './acts'
import { tableOf, type InForce } from './rules'
import type { Defined } from './Terms.vue'

interface Conversion {
  points: number
  unit: string
  to: { kind: string; unit?: string; amount?: number }
}
const { t } = i18n.global

/** Units that count services. */
export function passUnits() {
  return (session.programme?.units ?? [])
    .filter((unit) => unit.kind === 'pass')
    .map(({ code, name_zh, name_en }) => ({ code, name: language() === 'zh' ? name_zh : name_en }))
}

function merchantsOf(inForce: InForce | null, unit: string): string[] | null {
  const row = tableOf(inForce, 'passes').find(([code]) => code === unit)?.[1]
  return row ? (row.merchants as string[]) : null
}

/** Where one may have services of a pass used: at stores of the merchants that take it. Who may not
    read the rules is told by the server. */
export function storesOf(inForce: InForce | null, unit: string) {
  const merchants = merchantsOf(inForce, unit)
  return ownStores().filter((store) => merchants?.includes(store.merchant) ?? true)
}

export function definedPass(inForce: InForce, unit: string): Defined {
  const merchants = merchantsOf(inForce, unit) ?? []
  const stores = (session.programme?.stores ?? []).filter((each) => merchants.includes(each.merchant))
  const term = (name: string, text: string) => ({ label: t(`money.passes.terms.${name}`), text })
  const bought = tableOf(inForce, 'conversions')
    .map(([, row]) => row as unknown as Conversion)
    .filter(({ to }) => to.kind === 'unit' && to.unit === unit)
    .map(({ points, unit: from, to }) =>
      t('money.passes.for', { price: named(from, points), amount: named(unit, to.amount ?? 0) }),
    )
  return {
    code: unit,
    name: unitName(unit),
    does: '',
    terms: [
      term('merchants', merchants.join(t('list.comma'))),
      term('stores', stores.map((each) => each.name).join(t('list.comma')) || t('money.none')),
      term('bought', bought.join(t('list.comma')) || t('money.none')),
    ],
  }
}
