/* What the fields of a document ask for, given to all of them. */
import { computed, provide, type Ref } from 'vue'
import type { Schemas } from '../api'
import { useI18n } from '../i18n'
import { session } from '../session'
import { EDITOR, type Option } from './editor'
import type { Defs, Row } from './schema'

const BUILT_IN = ['check_in', 'share', 'review', 'visit', 'birthday', 'enrolment']

export function rowsOf(value: unknown): Row[] {
  return Array.isArray(value) ? (value as Row[]) : []
}
function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
function coded(codes: string[]): Option[] {
  return codes.map((code) => ({ value: code, label: code }))
}

export function provideEditor(of: {
  defs: Ref<Defs>
  document: Ref<Row>
  segments: Ref<Option[]>
  trial: Ref<Schemas['RuleSetTrial'] | null>
  mayChange: boolean
}) {
  const { t, locale } = useI18n()
  const ladder = computed(() => of.document.value.ladder as Row | undefined)
  const units = session.programme?.units ?? []

  const tiers = computed(() =>
    rowsOf(ladder.value?.rungs).map((rung) => {
      const names = (rung.name ?? {}) as Row
      return { value: text(rung.code), label: text(names[locale.value]) || text(rung.code) }
    }),
  )
  const options = computed(() => ({
    units: units.map((unit) => ({
      value: unit.code,
      label: locale.value === 'zh' ? unit.name_zh : unit.name_en,
    })),
    stores: (session.programme?.stores ?? []).map((each) => ({
      value: each.code,
      label: each.name,
    })),
    tiers: tiers.value,
    rules: coded(rowsOf(of.document.value.rules).map((rule) => text(rule.code))),
    segments: of.segments.value,
    coupons: coded(Object.keys((of.document.value.coupons ?? {}) as Row)),
    behaviours: [
      ...BUILT_IN.map((each) => ({ value: each, label: t(`draft.choices.on.${each}`) })),
      ...tiers.value.map((tier) => ({
        value: `tier_reached:${tier.value}`,
        label: t('draft.reaching', { tier: tier.label }),
      })),
    ],
  }))
  const faults = computed(() => {
    const found = new Map<string, Schemas['DocumentFault'][]>()
    for (const fault of of.trial.value?.faults ?? []) {
      found.set(fault.path, [...(found.get(fault.path) ?? []), fault])
    }
    return found
  })

  provide(EDITOR, {
    get defs() {
      return of.defs.value
    },
    mayChange: of.mayChange,
    faults,
    options,
    money: new Set(
      units.filter((unit) => ['stored', 'bonus'].includes(unit.kind)).map((unit) => unit.code),
    ),
    ladderBy: computed(() => text(ladder.value?.by)),
  })
}
