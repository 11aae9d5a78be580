import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import AutoImport from 'unplugin-auto-import/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import Components from 'unplugin-vue-components/vite'
import { defineConfig } from 'vite'
import { packed } from './packed.ts'

// The built files ship inside the Python package, which serves them.
const own = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const face = own('../../src/jifen/faces/console/')
const folder = `${face}static/console`

export default defineConfig({
  base: '/static/console/',
  build: {
    outDir: folder,
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  define: {
    // Nothing here is written in that way.
    __VUE_OPTIONS_API__: false,
  },
  resolve: {
    alias: {
      // Element Plus mixes colours for buttons that are given one of their own. Ours are given none.
      '@ctrl/tinycolor': own('src/nothing/tinycolor.ts'),
    },
  },
  plugins: [
    vue(),
    AutoImport({ resolvers: [ElementPlusResolver()], dts: 'auto-imports.d.ts' }),
    Components({ resolvers: [ElementPlusResolver()], dirs: [], dts: 'components.d.ts' }),
    packed(folder, `${face}page.html`),
  ],
  server: { proxy: { '/api': 'http://127.0.0.1:8000', '/docs': 'http://127.0.0.1:8000' } },
})
