/* One draft: loaded with what it is compared with, and saved. */
import { computed, ref, shallowRef } from 'vue'
import { api, told } from '../api'
import { session } from '../session'
import { differences } from './differences'
import type { Option } from './editor'
import { same, type Defs, type Row } from './schema'
import { comingOf, documentOf, inForceOf, type Head } from './versions'

export function useDraft(name: string) {
  const failure = ref<unknown>(null)
  const loaded = ref(false)
  const busy = ref(false)
  const head = ref<{ updated_at: string; updated_by: string } | null>(null)
  const document = ref<Row>({})
  const saved = ref<Row>({})
  const inForce = ref<{ version: number; document: Row } | null>(null)
  const latest = ref(0)
  const coming = shallowRef<Head[]>([])
  const defs = shallowRef<Defs>({ $defs: {} })
  const segments = ref<Option[]>([])
  const path = { name }

  const dirty = computed(() => !same(document.value, saved.value))
  const changes = computed(() =>
    inForce.value ? differences(inForce.value.document, document.value) : [],
  )

  async function load() {
    failure.value = null
    try {
      const [found, draft, versions] = await Promise.all([
        told(api.GET('/api/v1/rule-sets/schema')),
        told(api.GET('/api/v1/rule-sets/drafts/{name}', { params: { path } })),
        told(api.GET('/api/v1/rule-sets')),
      ])
      defs.value = found as unknown as Defs
      head.value = draft
      document.value = draft.document as Row
      saved.value = draft.document as Row
      const version = inForceOf(versions.rule_sets)?.version
      if (version !== undefined) inForce.value = { version, document: await documentOf(version) }
      latest.value = versions.rule_sets[0]?.version ?? 0
      coming.value = comingOf(versions.rule_sets)
      if (session.may('segments.read')) {
        const listed = await told(api.GET('/api/v1/segments'))
        segments.value = listed.segments.map((each) => ({ value: each.code, label: each.name }))
      }
      loaded.value = true
    } catch (error) {
      failure.value = error
    }
  }

  /** Whether it is saved now; what kept it from that is the failure. */
  async function save(): Promise<boolean> {
    busy.value = true
    failure.value = null
    const kept = document.value
    try {
      head.value = await told(
        api.PUT('/api/v1/rule-sets/drafts/{name}', { params: { path }, body: kept as never }),
      )
      saved.value = kept
      return true
    } catch (error) {
      failure.value = error
      return false
    } finally {
      busy.value = false
    }
  }

  /** Nothing of it needs saving any more. */
  function forget() {
    saved.value = document.value
  }

  return {
    ...{ failure, loaded, busy, head, document, inForce, latest, coming, defs, segments },
    ...{ dirty, changes, load, save, forget },
  }
}
