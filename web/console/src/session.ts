/* Who is signed in. The cookie is out of our reach; what we know is what the API tells. */
import type { Schemas } from '@jifen/api'
import { reactive } from 'vue'

export const session = reactive({
  who: null as Schemas['Session'] | null,
  programme: null as Schemas['Programme'] | null,
  asked: false,

  may(right: string): boolean {
    return this.who?.rights.includes(right) ?? false
  },

  forget(): void {
    this.who = null
    this.programme = null
  },
})
