import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Pure folders: no clock, no environment, no randomness, no file, no network. */
const PURE = [
  'src/api/**/*.ts',
  'src/rollout/**/*.ts',
  'src/operator/plan/**/*.ts',
  'src/serving/protocol/**/*.ts',
];
/** Folders whose time and chance are parameters, so that one seed is one history. */
const SIMULATED = ['src/kube/**/*.ts', 'src/operator/**/*.ts', 'src/local/controllers/**/*.ts'];

const AMBIENT = [
  { object: 'Date', property: 'now', message: 'Take a Clock as a parameter.' },
  { object: 'Math', property: 'random', message: 'Take a Random as a parameter.' },
  { object: 'performance', property: 'now', message: 'Take a Clock as a parameter.' },
  { object: 'process', property: 'hrtime', message: 'Take a Clock as a parameter.' },
];
const ENVIRONMENT = { object: 'process', property: 'env', message: 'Only src/cli reads the environment.' };
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
  name,
  message: 'Take a Clock as a parameter.',
}));
const NEW_DATE = {
  selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
  message: 'Take a Clock as a parameter.',
};

export default tseslint.config(
  {
    ignores: [
      'dist',
      'node_modules',
      '.gantry',
      '.cache',
      'coverage',
      '**/*.generated.*',
      'examples/**/dist',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        setImmediate: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        AbortController: 'readonly',
        TextDecoder: 'readonly',
        TextEncoder: 'readonly',
        require: 'readonly',
        module: 'readonly',
        globalThis: 'readonly',
      },
    },
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname ?? process.cwd() },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      eqeqeq: ['error', 'always'],
      'max-depth': ['error', 4],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**'],
    rules: { 'no-restricted-properties': ['error', ENVIRONMENT] },
  },
  {
    files: SIMULATED,
    rules: {
      'no-restricted-properties': ['error', ENVIRONMENT, ...AMBIENT],
      'no-restricted-globals': ['error', ...TIMERS],
      'no-restricted-syntax': ['error', NEW_DATE],
    },
  },
  {
    files: PURE,
    rules: {
      'no-restricted-properties': ['error', ENVIRONMENT, ...AMBIENT],
      'no-restricted-globals': ['error', ...TIMERS, 'fetch', 'process', 'crypto'],
      'no-restricted-syntax': ['error', NEW_DATE],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^node:(?!crypto$|buffer$|util$)',
              message: 'A pure folder reads no file, network or environment.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
);
