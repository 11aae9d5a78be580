/* The console's one connection to the API. */
import { connect } from '@jifen/api'
import { language } from './i18n'
import { session } from './session'

export const api = connect(
  () => (language() === 'zh' ? 'zh-CN' : 'en'),
  () => session.forget(),
)
export { newKey, Refused, told, type Problem, type Schemas } from '@jifen/api'
