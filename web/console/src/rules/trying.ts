/* What a document would give for one order, and what the one in force gives: asked again a moment
   after either has changed. */
import { onBeforeUnmount, ref, shallowRef, watch, type Ref } from 'vue'
import { api, told, type Schemas } from '../api'
import { useI18n } from '../i18n'
import { session } from '../session'
import type { Row } from './schema'

const WAIT_MS = 350
type Trial = Schemas['RuleSetTrial']

/** The wall clock of the programme, which is what rules go by. */
function localNow(): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: session.programme?.time_zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(new Date())
  return parts.replace(' ', 'T')
}

export function useTrials(
  document: Ref<Row>,
  inForce: Ref<{ document: Row } | null>,
  ready: Ref<boolean>,
) {
  const { locale } = useI18n()
  const order = ref<Schemas['TrialOrder']>({ amount_minor: 12_800, local: localNow() })
  const trial = shallowRef<Trial | null>(null)
  const trialInForce = shallowRef<Trial | null>(null)
  const trying = ref(false)
  const trialFailure = ref<unknown>(null)
  let turn = 0
  let timer = 0

  async function tryOn(of: Row): Promise<Trial> {
    const body = { document: of as never, order: order.value }
    return (await told(api.POST('/api/v1/rule-sets/trial', { body }))) as Trial
  }

  async function ask() {
    const mine = ++turn
    trying.value = true
    trialFailure.value = null
    try {
      const [draft, now] = await Promise.all([
        tryOn(document.value),
        inForce.value ? tryOn(inForce.value.document) : Promise.resolve(null),
      ])
      if (mine !== turn) return
      trial.value = draft
      trialInForce.value = now
    } catch (error) {
      if (mine === turn) trialFailure.value = error
    } finally {
      if (mine === turn) trying.value = false
    }
  }

  watch([document, order, locale, ready, inForce], () => {
    if (!ready.value) return
    window.clearTimeout(timer)
    timer = window.setTimeout(ask, WAIT_MS)
  })
  onBeforeUnmount(() => window.clearTimeout(timer))

  return { order, trial, trialInForce, trying, trialFailure, ask }
}
