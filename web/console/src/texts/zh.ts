/* Everything in Chinese: our texts, and those of Element Plus. */
import { joined, type Texts } from './joined'

export { default as words } from 'element-plus/es/locale/lang/zh-cn'
export const texts = joined(
  import.meta.glob<Texts>('./zh/*.json', { eager: true, import: 'default' }),
)
