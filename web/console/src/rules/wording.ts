/* What a field of a rule set is called, what helps with it, and what its choices are called. */
import { useI18n } from '../i18n'
import { shortName } from './schema'

export function useWording() {
  const { t, te } = useI18n()

  /** The text of the field itself, or of any field of that name; empty without one. */
  function said(what: 'fields' | 'help', owner: string, name: string): string {
    const own = `draft.${what}.${shortName(owner)}.${name}`
    const any = `draft.${what}.any.${name}`
    return te(own) ? t(own) : te(any) ? t(any) : ''
  }

  function choice(name: string, of: string | number): string {
    const own = `draft.choices.${name}.${of}`
    const any = `draft.choices.any.${of}`
    return te(own) ? t(own) : te(any) ? t(any) : String(of)
  }

  return { said, choice }
}
