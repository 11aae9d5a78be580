/* The theme before the first paint: what was chosen, or what the system prefers. */
const KEY = 'jifen-theme'
export type Theme = 'light' | 'dark'

export function theme(): Theme {
  const kept = localStorage.getItem(KEY)
  if (kept === 'light' || kept === 'dark') return kept
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export function setTheme(chosen: Theme): void {
  localStorage.setItem(KEY, chosen)
  apply(chosen)
}

function apply(chosen: Theme): void {
  document.documentElement.classList.toggle('dark', chosen === 'dark')
}

apply(theme())
