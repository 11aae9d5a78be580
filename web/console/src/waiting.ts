/* How many requests wait for a second person, for the badge in the menu. */
import { ref } from 'vue'
import { api, told } from './api'
import { session } from './session'

const MOST = 99
/** What others asked for, and whoever is signed in may decide. */
export const waiting = ref(0)

/** Ask again; a failure of this changes nothing on the page. */
export async function countWaiting(): Promise<void> {
  if (!session.may('adjust')) return
  const query = { open: true, limit: MOST + 1 }
  try {
    const { approvals } = await told(api.GET('/api/v1/approvals', { params: { query } }))
    waiting.value = approvals.filter((each) => each.requested_by !== session.who?.login).length
  } catch {
    waiting.value = 0
  }
}

/** As the badge writes it. */
export function badge(count: number): string {
  return count > MOST ? `${MOST}+` : String(count)
}
