import '@jifen/ui/tokens.css'
import '@jifen/ui/element.css'
import { createApp, watch } from 'vue'
import App from './App.vue'
import { language, read } from './i18n'
import { router } from './router'
import { session } from './session'

await read(language())
createApp(App).use(router).mount('#app')

// A session that ends while somebody works leads to the sign-in page, and back from there.
watch(
  () => session.who,
  (who) => {
    const here = router.currentRoute.value
    if (!who && session.asked && !here.meta.open) {
      void router.push({ name: 'sign-in', query: { to: here.fullPath } })
    }
  },
)
