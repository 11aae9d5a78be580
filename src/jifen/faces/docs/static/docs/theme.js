/* The theme that was chosen in the console, or what the system prefers, before the first paint. */
const kept = localStorage.getItem('jifen-theme')
const dark = kept ? kept === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
document.documentElement.classList.toggle('dark', dark)
