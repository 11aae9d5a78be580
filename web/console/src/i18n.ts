/* Texts in both languages. Chinese unless the person or their browser says otherwise. Only the
   language that is read is loaded, and what the first page does not say only after it.

   A text knows one thing: `{name}` stands for a value. The usual library for texts would be a fifth
   of the first page and do no more for us. */
import type { Language as ElementWords } from 'element-plus/es/locale'
import { shallowRef } from 'vue'
import type { Texts } from './texts/joined'

const KEY = 'jifen-language'
const BLANK = /\{(\w+)\}/g
export type Language = 'zh' | 'en'

const sources = {
  zh: { first: () => import('./texts/zh'), more: () => import('./texts/zh.more') },
  en: { first: () => import('./texts/en'), more: () => import('./texts/en.more') },
}
let all = false
let reading: Promise<void> | undefined
const locale = shallowRef<Language>(preferred())
const texts = shallowRef<Texts>({})

/** The words of Element Plus in the language that is read. */
export const elementWords = shallowRef<ElementWords>()

function preferred(): Language {
  const kept = localStorage.getItem(KEY)
  if (kept === 'zh' || kept === 'en') return kept
  return navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh'
}

function found(key: string): unknown {
  let at: unknown = texts.value
  for (const part of key.split('.')) at = (at as Texts | undefined)?.[part]
  return at
}

/** The text of a key such as `staff.title`, with its values; the key itself if there is none. */
export function t(key: string, values: Record<string, unknown> = {}): string {
  const text = found(key)
  if (typeof text !== 'string') return key
  return text.replace(BLANK, (_, name: string) => String(values[name] ?? ''))
}

/** Whether there is a text. */
export function te(key: string): boolean {
  return typeof found(key) === 'string'
}

export function useI18n() {
  return { t, te, locale }
}

/** Outside of components. */
export const i18n = { global: { t, te, locale } }

export function language(): Language {
  return locale.value
}

/** Read in a language from now on; nothing changes before its texts are there. */
export async function read(chosen: Language): Promise<void> {
  const source = sources[chosen]
  const [first, more] = await Promise.all([source.first(), all ? source.more() : { texts: {} }])
  texts.value = { ...first.texts, ...more.texts }
  elementWords.value = first.words
  locale.value = chosen
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en'
}

/** Have the texts of every page from now on. */
export function readAll(): Promise<void> {
  all = true
  return (reading ??= read(locale.value))
}

export async function setLanguage(chosen: Language): Promise<void> {
  localStorage.setItem(KEY, chosen)
  await read(chosen)
}
