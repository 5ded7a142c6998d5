import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const shared = {
  resolve: {
    tsconfigPaths: true,
    // The guard package throws outside a server bundle; tests are neither browser nor bundle.
    alias: { 'server-only': new URL('./node_modules/server-only/empty.js', import.meta.url).pathname },
  },
};

/** No test counts on a duration: these are the ends of waiting for what never comes, on the slowest machine. */
const patience = (ms: number) => ({
  testTimeout: ms,
  hookTimeout: ms,
  expect: { poll: { timeout: ms / 2 } },
});

/** Where no run before has left its times, Vitest begins with the largest file; these take longest, whatever their size. */
const longFiles =
  /e2e\/(flow\/(deployments|cluster|providers|client-authentication|assertion-file|store-writes|fail-over)|hostile\/(doctor|id-token|keys|silence))\./;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const [long = [], others = []] = [true, false].map((isLong) =>
      files.filter(({ moduleId }) => longFiles.test(moduleId) === isLong),
    );
    return [...long, ...(await super.sort(others))];
  }
}

const unitTests = '{app,lib,sample,scripts,docs}/**/*.test.ts';
/** Those that replace a module need a module graph of their own; the others share one for each worker, which saves most of the time. */
const mockingTests = globSync(unitTests).filter((file) => readFileSync(file, 'utf8').includes('vi.mock('));
const unit = {
  ...patience(240_000),
  // Some wait for a timer or a server: one more than there are cores on a small machine.
  maxWorkers: 3,
  // It imports `next/server` without saying which file that is: only a bundler finds it.
  server: { deps: { inline: ['next-auth'] } },
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        ...shared,
        test: {
          ...unit,
          name: 'unit',
          include: [unitTests],
          exclude: mockingTests,
          setupFiles: ['real-time-limits', 'own-environment'].map(
            (name) => `lib/strongroom/testing/${name}.ts`,
          ),
          isolate: false,
        },
      },
      // Threads start in half the time of processes.
      { ...shared, test: { ...unit, name: 'unit-mocking', include: mockingTests, pool: 'threads' } },
      {
        ...shared,
        test: {
          name: 'flow',
          include: ['e2e/{flow,hostile}/**/*.test.ts'],
          ...patience(300_000),
          setupFiles: ['lib/strongroom/testing/fresh-connections.ts'],
          maxWorkers: 4,
          isolate: false,
        },
      },
      {
        ...shared,
        // Its tests start commands that bound themselves. The copy takes a while where it cannot be made of links.
        test: {
          name: 'adopter',
          include: ['e2e/adopter/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
