/* In English what the first page says, and the words of Element Plus. */
import { joined, type Texts } from './joined'

export { default as words } from 'element-plus/es/locale/lang/en'
export const texts = joined(
  import.meta.glob<Texts>('./en/{shell,help,members,password,factor}.json', {
    eager: true,
    import: 'default',
  }),
)
