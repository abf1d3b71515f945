import { defineConfig } from 'vitest/config';

export default defineConfig({
  // One graphql for the gateway’s schema library and its server: without these conditions two copies are loaded.
  ssr: { resolve: { conditions: ['module-sync', 'node'] } },
  test: {
    reporters: process.env.CI ? ['default', ['json', { outputFile: '../../.reports/console.json' }]] : ['default'],
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 60_000,
  },
});
