/* Amounts as people write them. */

const MONEY = /^\d{1,10}(\.\d{1,2})?$/
const COUNT = /^\d{1,6}$/

/** An amount of money in minor units: 12.5 is 1250. Nothing for what is no amount. */
export function minorOf(text: string): number | null {
  const plain = text.normalize('NFKC').replace(/[\s,]/g, '')
  return MONEY.test(plain) ? Math.round(Number(plain) * 100) : null
}

/** A whole number above zero. */
export function countOf(text: string): number | null {
  const plain = text.normalize('NFKC').replace(/[\s,]/g, '')
  return COUNT.test(plain) && Number(plain) > 0 ? Number(plain) : null
}
