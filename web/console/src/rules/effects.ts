/* What a draft would have given for the last thirty days: asked for, waited for, read. */
import { computed, onBeforeUnmount, ref, shallowRef } from 'vue'
import { api, told, type Schemas } from '../api'

const POLL_MS = 1000

export function useWhatIf(name: string) {
  const found = shallowRef<Schemas['WhatIfInfo'] | null>(null)
  const failure = ref<unknown>(null)
  const asking = ref(false)
  const path = { name }
  const running = computed(() => asking.value || found.value?.status === 'running')
  let timer: ReturnType<typeof setTimeout> | undefined

  function take(now: Schemas['WhatIfInfo']) {
    found.value = now
    clearTimeout(timer)
    if (now.status === 'running') timer = setTimeout(look, POLL_MS)
  }

  /** Read how far it is, if anybody has asked. */
  async function look() {
    try {
      const last = await told(
        api.GET('/api/v1/rule-sets/drafts/{name}/what-if', { params: { path } }),
      )
      failure.value = null
      if (last.what_if) take(last.what_if as Schemas['WhatIfInfo'])
    } catch (error) {
      failure.value = error
    }
  }

  /** Ask anew, once the draft is saved. */
  async function ask(save: () => Promise<void>) {
    asking.value = true
    failure.value = null
    try {
      await save()
      take(
        (await told(
          api.POST('/api/v1/rule-sets/drafts/{name}/what-if', { params: { path } }),
        )) as Schemas['WhatIfInfo'],
      )
    } catch (error) {
      failure.value = error
    } finally {
      asking.value = false
    }
  }

  onBeforeUnmount(() => clearTimeout(timer))
  return { found, failure, running, look, ask }
}
