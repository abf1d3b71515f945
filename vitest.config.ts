import { defineConfig } from 'vitest/config';

export default defineConfig({
  // One graphql for the schema library and the server: without these conditions two copies are loaded.
  ssr: { resolve: { conditions: ['module-sync', 'node'] } },
  test: {
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: `.reports/${process.env.REPORT ?? 'unit'}.json` }]]
      : ['default'],
    // Only stops a test that hangs. On a busy machine a test may take several times as long as usual.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/browser/**',
            'test/replicas/**',
            'test/alerts/**',
            'test/contract/keystone*.test.ts',
            'test/contract/outage.test.ts',
          ],
        },
      },
      { extends: true, test: { name: 'replicas', include: ['test/replicas/**/*.test.ts'] } },
      {
        extends: true,
        // An alert takes most of a minute to fire and to end, nearly all of it waiting: all are tried at once.
        test: {
          name: 'alerts',
          include: ['test/alerts/**/*.test.ts'],
          maxConcurrency: 20,
          testTimeout: 600_000,
          hookTimeout: 200_000,
        },
      },
      { extends: true, test: { name: 'browser', include: ['test/browser/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'cinder',
          include: ['test/contract/**/*.test.ts'],
          env: { PEER: 'cinder' },
          fileParallelism: false,
        },
      },
    ],
  },
});
