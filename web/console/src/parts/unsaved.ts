/* Asks before what was not saved is lost, by leaving the page or closing the window. */
import { onBeforeUnmount, onMounted } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'
import { useI18n } from '../i18n'
import { session } from '../session'

/** Asks as long as ``isDirty`` says so; nobody is asked whose session is over. */
export function useUnsaved(isDirty: () => boolean) {
  const { t } = useI18n()

  function warn(event: BeforeUnloadEvent) {
    if (isDirty()) event.preventDefault()
  }
  onMounted(() => window.addEventListener('beforeunload', warn))
  onBeforeUnmount(() => window.removeEventListener('beforeunload', warn))

  onBeforeRouteLeave(async () => {
    if (!isDirty() || !session.who) return true
    return ElMessageBox.confirm(t('form.leave'), t('form.leaveTitle'), {
      confirmButtonText: t('form.leaveGo'),
      cancelButtonText: t('form.leaveStay'),
    }).then(
      () => true,
      () => false,
    )
  })
}
