/* In English what the pages after the first one say. */
import { joined, type Texts } from './joined'

export const texts = joined(
  import.meta.glob<Texts>(['./en/*.json', '!./en/{shell,help,members,password,factor}.json'], {
    eager: true,
    import: 'default',
  }),
)
