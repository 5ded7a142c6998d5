import { defineConfig } from '@playwright/test';
import { findBrowser } from './e2e/support/find-browser.ts';

// Machines may be closed to the outside: the browser asks for nothing but what a test asks for.
const quiet = [
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Nothing here is drawn that a processor could not draw.
  '--disable-gpu',
  '--disable-software-rasterizer',
];
const isRoot = process.getuid?.() === 0;
const executablePath = findBrowser();

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  // They run in a copy of this repository (e2e/adopter/adopter.test.ts).
  testIgnore: '**/e2e/adopter/**',
  outputDir: 'test-results/browser',
  fullyParallel: false,
  // Many tests wait for a timer or a server: one more than there are cores on a small machine.
  workers: 3,
  retries: 0,
  forbidOnly: process.env.CI === 'true',
  // No test counts on a duration: these are the ends of waiting for what never comes, on the slowest machine.
  timeout: 600_000,
  expect: { timeout: 120_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/browser.json' }]],
  use: {
    locale: 'en-GB',
    timezoneId: 'UTC',
    // A trace of every step costs a fifth of the time: `npx playwright test --trace retain-on-failure` for the test in question.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(executablePath === null ? {} : { executablePath }),
      args: [...quiet, ...(isRoot ? ['--no-sandbox'] : [])],
    },
  },
});
