import { defineConfig } from 'vitest/config';

const shared = {
  resolve: {
    tsconfigPaths: true,
    // The guard package throws outside a server bundle; tests are neither browser nor bundle.
    alias: { 'server-only': new URL('./node_modules/server-only/empty.js', import.meta.url).pathname },
  },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: { name: 'unit', include: ['{app,lib,sample,scripts}/**/*.test.ts'], testTimeout: 30_000 },
      },
      {
        ...shared,
        test: {
          name: 'flow',
          include: ['e2e/{flow,hostile}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 90_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
