/* Stored value as the rules define it, in words. */
import { money } from '../../format'
import { i18n } from '../../i18n'
import { unitName } from '../../units'
import type { InForce } from './rules'

/** What is left out has its usual value. */
interface StoredValue {
  principal: string
  bonus: string
  bonus_share?: [number, number]
  limit_registered_minor?: number
  limit_bearer_minor?: number
  principal_earns?: boolean
  bonus_earns?: boolean
  spent_reward?: 'refuse' | 'owe'
}
const { t } = i18n.global

export function storedOf(inForce: InForce | null): StoredValue | null {
  return (inForce?.document.stored_value as StoredValue | undefined) ?? null
}

export function definedStored(stored: StoredValue) {
  const [part, of] = stored.bonus_share ?? [1, 1]
  const term = (name: string, text: string) => ({ label: t(`money.topUps.terms.${name}`), text })
  const earns = (does: boolean) => t(does ? 'money.topUps.earns' : 'money.topUps.earnsNot')
  return [
    term('principal', `${unitName(stored.principal)} · ${earns(stored.principal_earns ?? true)}`),
    term('bonus', `${unitName(stored.bonus)} · ${earns(stored.bonus_earns ?? false)}`),
    term('share', part === of ? t('money.topUps.bonusFirst') : t('money.topUps.share', { part, of })),
    term('registered', money(stored.limit_registered_minor ?? 500_000)),
    term('bearer', money(stored.limit_bearer_minor ?? 100_000)),
    term('spent', t(`money.topUps.spent.${stored.spent_reward ?? 'refuse'}`)),
  ]
}

/** The places of the rules that reward a top-up. */
export function topUpRules(inForce: InForce): string[] {
  const rules = (inForce.document.rules ?? []) as { kind: string }[]
  return rules.flatMap((rule, at) => (rule.kind === 'top_up' ? [`$.rules[${at}]`] : []))
}
