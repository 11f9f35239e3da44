/** Unit tests need nothing but Node; everything else uses real parts (see test/README.md). */
const shared = {
  rootDir: import.meta.dirname ?? process.cwd(),
  testEnvironment: '<rootDir>/test/support/jest-environment.cjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript' },
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleFileExtensions: ['ts', 'js', 'cjs', 'mjs', 'json', 'node'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js', '$1'] },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.gantry'],
  watchPathIgnorePatterns: ['<rootDir>/.gantry'],
};
/** Tests of parts that this machine lacks (bin/test.js says which); nothing in CI, where each part must be there. */
const without = process.env.GANTRY_TEST_WITHOUT ? [process.env.GANTRY_TEST_WITHOUT] : [];
const real = ['\\.integration\\.test\\.ts$', '/test/conformance/', '/test/simulation/', '/test/e2e/'];

export default {
  // Nothing asserts on time; this only ends a test that hangs, also on a busy machine.
  testTimeout: 60_000,
  maxWorkers: '100%',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', ...real, ...without],
    },
    {
      ...shared,
      displayName: 'real',
      testPathIgnorePatterns: ['/node_modules/', ...without],
      testMatch: [
        '<rootDir>/test/**/*.integration.test.ts',
        '<rootDir>/test/{conformance,simulation,e2e}/**/*.test.ts',
      ],
    },
  ],
};
