/* What every field of the form asks for: the schema, what the programme has, and what is wrong. */
import { inject, type ComputedRef, type InjectionKey } from 'vue'
import type { Schemas } from '../api'
import type { Defs, Row } from './schema'

export interface Option {
  value: string
  label: string
}
export interface Editor {
  defs: Defs
  mayChange: boolean
  faults: ComputedRef<Map<string, Schemas['DocumentFault'][]>>
  options: ComputedRef<{
    units: Option[]
    tiers: Option[]
    stores: Option[]
    rules: Option[]
    segments: Option[]
    coupons: Option[]
    behaviours: Option[]
    tags?: Option[]
  }>
  /** Codes of units that count money. */
  money: Set<string>
  ladderBy: ComputedRef<string>
}

export const EDITOR: InjectionKey<Editor> = Symbol('editor')

export function useEditor(): Editor {
  const editor = inject(EDITOR)
  if (!editor) throw new Error('a field stands in an editor')
  return editor
}

/** Whether a field holds money in minor units. `owner` is the definition it stands in. */
export function isMoney(owner: string, name: string, row: Row, editor: Editor): boolean {
  if (name.endsWith('_minor') || name === 'minor') return true
  if (name === 'from' && owner === 'TopUpStep') return true
  if (name === 'from' && owner === 'Rung') return editor.ladderBy.value !== 'growth'
  if (!['points', 'budget', 'amount'].includes(name)) return false
  return typeof row.unit === 'string' && editor.money.has(row.unit)
}

/** What may stand in a field, or in a table's keys. */
export function optionsFor(owner: string, name: string, editor: Editor): Option[] | null {
  const all = editor.options.value
  if (['unit', 'principal', 'bonus'].includes(name)) return all.units
  if (['expiry', 'pending', 'transfers', 'notices', 'clears', 'passes'].includes(name)) return all.units
  if (['tier', 'tiers', 'rates', 'by_tier'].includes(name)) return all.tiers
  if (name === 'multipliers' && owner === 'Tier') return all.tiers
  if (name === 'stores') return all.stores
  if (name === 'rules') return all.rules
  if (name === 'segments') return all.segments
  if (name === 'coupon') return all.coupons
  if (name === 'any_of' && owner === 'ByTier') return all.tiers
  if (name === 'any_of' && owner === 'ByStore') return all.stores
  if (name === 'any_of' && owner === 'ByTag') return all.tags ?? []
  if (name === 'on' && owner === 'Behaviour') return all.behaviours
  return null
}

/** Who did something: of the staff the login, of other callers their name. */
export function someone(name: string): string {
  return name.replace(/^staff:/, '')
}
