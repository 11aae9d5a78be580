/* Everything in English: our texts, and those of Element Plus. */
import { joined, type Texts } from './joined'

export { default as words } from 'element-plus/es/locale/lang/en'
export const texts = joined(
  import.meta.glob<Texts>('./en/*.json', { eager: true, import: 'default' }),
)
