const transform = {
  '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } }],
};
const project = (name, testMatch, more = {}) => ({
  displayName: name,
  testMatch,
  transform,
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/tests/java/.*/target', '<rootDir>/dist/'],
  ...more,
});

/** Four named parts: `unit` needs Node and Python 3; `judge` Java; `hapi` Java and PostgreSQL; `browser` Java and Chromium. */
export default {
  projects: [
    project('unit', ['<rootDir>/tests/**/*.test.ts'], {
      testPathIgnorePatterns: [
        '/node_modules/',
        '<rootDir>/tests/hapi/',
        '<rootDir>/tests/judge/',
        '<rootDir>/tests/browser/',
        '<rootDir>/tests/bench/',
      ],
    }),
    project('judge', ['<rootDir>/tests/judge/**/*.test.ts']),
    project('hapi', ['<rootDir>/tests/hapi/**/*.test.ts'], {
      globalSetup: '<rootDir>/tests/hapi/rig/global-setup.ts',
      globalTeardown: '<rootDir>/tests/hapi/rig/global-teardown.ts',
      setupFilesAfterEnv: ['<rootDir>/tests/hapi/rig/timeout.ts'],
    }),
    project('browser', ['<rootDir>/tests/browser/**/*.test.ts'], {
      globalSetup: '<rootDir>/tests/browser/rig/global-setup.ts',
      setupFilesAfterEnv: ['<rootDir>/tests/hapi/rig/timeout.ts'],
    }),
  ],
};
