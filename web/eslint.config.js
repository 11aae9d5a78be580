import i18n from '@intlify/eslint-plugin-vue-i18n'
import vue from 'eslint-plugin-vue'
import { globalIgnores } from 'eslint/config'
import ts from 'typescript-eslint'

const MESSAGE = 'Write ElMessage without an import: the import comes without its style.'

export default ts.config(
  globalIgnores(['**/*.d.ts', '**/dist/**']),
  ts.configs.recommended,
  vue.configs['flat/recommended'],
  i18n.configs.recommended,
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    rules: {
      // TypeScript knows these better.
      'no-undef': 'off',
      'vue/multi-word-component-names': 'off',
      // How lines are broken is nobody's mistake.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/require-default-prop': 'off',
      'vue/no-v-html': 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'element-plus',
              importNames: ['ElMessage', 'ElMessageBox', 'ElNotification'],
              message: MESSAGE,
            },
          ],
        },
      ],
      '@intlify/vue-i18n/no-raw-text': [
        'error',
        {
          ignorePattern: '^[\\s*·,.:()/%¥+−–—→-]*$',
          attributes: { '/.+/': ['title', 'aria-label', 'placeholder', 'label', 'alt'] },
        },
      ],
      // tests/unit/console looks for these in every language at once.
      '@intlify/vue-i18n/no-missing-keys': 'off',
      // console/src/i18n.ts knows `{name}` and nothing else.
      '@intlify/vue-i18n/valid-message-syntax': 'off',
    },
    settings: {
      'vue-i18n': { localeDir: './console/src/texts/*/*.json', messageSyntaxVersion: '^11.0.0' },
    },
  },
)
