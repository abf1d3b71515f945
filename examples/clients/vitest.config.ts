import relay from 'vite-plugin-relay';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // What makes artifacts of Relay's `graphql` tags.
  plugins: [relay],
  // One graphql for the gateway's schema library and its server: without these conditions two copies are loaded.
  ssr: { resolve: { conditions: ['module-sync', 'node'] } },
  test: {
    reporters: process.env.CI ? ['default', ['json', { outputFile: '../../.reports/clients.json' }]] : ['default'],
    include: ['test/*.test.{ts,tsx}'],
    testTimeout: 20_000,
    expect: { poll: { timeout: 15_000 } },
  },
});
