/* The sections of a rule set besides its rules, in the groups in which the form shows them. */
import type { Schemas } from '../api'
import type { Schema } from './schema'

export interface Group {
  name: string
  fields: string[]
}
const GROUPS: Group[] = [
  { name: 'counting', fields: ['basis', 'rounding', 'combine'] },
  { name: 'tiers', fields: ['ladder', 'benefits'] },
  { name: 'life', fields: ['expiry', 'pending', 'notices', 'clears'] },
  { name: 'spending', fields: ['offset', 'conversions', 'transfers', 'deficit'] },
  { name: 'money', fields: ['stored_value', 'coupons', 'passes'] },
  { name: 'membership', fields: ['membership'] },
]
type Fault = Schemas['DocumentFault']

/** The groups of a document; sections that none of them knows come last. */
export function groupsOf(schema: Schema): Group[] {
  const known = new Set(GROUPS.flatMap((group) => group.fields))
  const all = Object.keys(schema.properties ?? {})
  const more = all.filter((field) => field !== 'rules' && !known.has(field))
  const named = GROUPS.map((group) => ({
    ...group,
    fields: group.fields.filter((field) => all.includes(field)),
  }))
  return more.length ? [...named, { name: 'more', fields: more }] : named
}

/** The faults of these sections. */
export function faultsIn(fields: string[], faults: Fault[]): Fault[] {
  return faults.filter((fault) => fields.some((field) => isBelow(field, fault)))
}

/** Faults that no field of the form has. */
export function faultsElsewhere(groups: Group[], faults: Fault[]): Fault[] {
  const known = ['rules\\[\\d+\\]', ...groups.flatMap((group) => group.fields)]
  return faults.filter((fault) => !known.some((field) => isBelow(field, fault)))
}

function isBelow(field: string, fault: Fault): boolean {
  return new RegExp(`^\\$\\.${field}(\\.|\\[|$)`).test(fault.path)
}
