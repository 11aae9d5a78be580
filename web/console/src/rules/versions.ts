/* Published versions of the rules, and what members read of them. */
import { api, told, type Schemas } from '../api'
import type { Row } from './schema'

export type Head = Schemas['RuleSetHead']

/** The one in force, of all versions. */
export function inForceOf(versions: Head[]): Head | undefined {
  return versions.find((each) => each.status === 'in_force')
}

/** Those that are to come, the next one first. */
export function comingOf(versions: Head[]): Head[] {
  return versions.filter((each) => each.status === 'coming').reverse()
}

export interface Version {
  document: Row
  told: Schemas['Told'][]
}

export async function documentOf(version: number): Promise<Row> {
  const found = await told(api.GET('/api/v1/rule-sets/{version}', { params: { path: { version } } }))
  return found.document as Row
}

/** A version with what members read of it. */
export async function readable(version: number): Promise<Version> {
  const document = await documentOf(version)
  const body = { document: document as never, order: { amount_minor: 0 } }
  const { told: sentences } = await told(api.POST('/api/v1/rule-sets/trial', { body }))
  return { document, told: sentences }
}
