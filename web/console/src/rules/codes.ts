/* Codes of stores and merchants: what one may be made of, and one to begin with. */
import { codeOf } from './setUp'

const CODE = /^[A-Za-z0-9_.:-]{1,60}$/

/** What is wrong with a code, by the name of its text; nothing with one that is not there yet. */
export function codeFault(code: string, taken: string[]): 'badCode' | 'codeTaken' | null {
  if (code === '') return null
  if (!CODE.test(code)) return 'badCode'
  return taken.includes(code) ? 'codeTaken' : null
}

/** A free code made of a name; of a name without Latin letters, of the plain word. */
export function freeCode(name: string, plain: string, taken: string[]): string {
  const wish = /[a-z]/i.test(name) ? codeOf(name) : plain
  let [code, number] = [wish, 1]
  while (taken.includes(code)) code = `${wish}-${++number}`
  return code
}
