/* In Chinese what the pages after the first one say. */
import { joined, type Texts } from './joined'

export const texts = joined(
  import.meta.glob<Texts>(['./zh/*.json', '!./zh/{shell,help,members,password,factor}.json'], {
    eager: true,
    import: 'default',
  }),
)
