/* The rules in force, as far as somebody may read them, and the way to change a part of them. */
import { ref, shallowRef } from 'vue'
import type { Router } from 'vue-router'
import { api, told } from '../../api'
import type { Row } from '../../rules/schema'
import { inForceOf } from '../../rules/versions'
import { session } from '../../session'
import { today } from '../reports/period'

export interface InForce {
  version: number
  document: Row
}
export type Section = 'coupons' | 'stored_value' | 'passes'

/** The version in force; version 0 where nothing is published, nothing where it may not be read. */
export function useRules() {
  const inForce = shallowRef<InForce | null>(null)
  const failure = ref<unknown>(null)

  async function read() {
    if (!session.may('rules.read')) return
    failure.value = null
    try {
      const now = inForceOf((await told(api.GET('/api/v1/rule-sets'))).rule_sets)
      inForce.value = now ? await versionOf(now.version) : { version: 0, document: {} }
    } catch (error) {
      failure.value = error
    }
  }
  void read()
  return { inForce, failure, read }
}

async function versionOf(version: number): Promise<InForce> {
  const params = { path: { version } }
  const found = await told(api.GET('/api/v1/rule-sets/{version}', { params }))
  return { version, document: found.document as Row }
}

/** Go to a section of the draft that was worked on last; without a draft, of a new one, made from
    the rules in force. */
export async function toDraft(router: Router, section: Section, { document }: InForce) {
  const { drafts } = await told(api.GET('/api/v1/rule-sets/drafts'))
  const [last] = [...drafts].sort((one, other) => other.updated_at.localeCompare(one.updated_at))
  const name = last?.name ?? today()
  if (!last) {
    const body = ('rules' in document ? document : { rules: [] }) as never
    await told(api.PUT('/api/v1/rule-sets/drafts/{name}', { params: { path: { name } }, body }))
  }
  await router.push({ name: 'draft', params: { name }, hash: `#${section}` })
}

/** A part of the rules that is a table: its rows by code. */
export function tableOf(inForce: InForce | null, section: string): [string, Row][] {
  return Object.entries((inForce?.document[section] ?? {}) as Record<string, Row>)
}
