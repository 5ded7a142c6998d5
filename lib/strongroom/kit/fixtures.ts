/**
 * Fixtures of Playwright: the application with fake APIs once for each worker, and users who are signed in.
 */
import type {
  Fixtures,
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
} from '@playwright/test';
import type { Declaration } from '../config/declaration';
import type { FakeApi } from './fake-api';
import { signedInCookies } from './signed-in-cookies';
import { startTestApp, type TestApp } from './test-app';
import type { TestUser } from './test-user';

export type TestFixtures = {
  /** Signs a user in, in the browser of this test. */
  signInAs: (user?: TestUser) => Promise<void>;
  /** The first declared API; it knows no route when a test begins. */
  api: FakeApi;
  /** All of them by name. */
  apis: TestApp['apis'];
};

export type TestWorkerFixtures = { testApp: TestApp };

type Args = PlaywrightTestArgs & PlaywrightTestOptions;
type WorkerArgs = PlaywrightWorkerArgs & PlaywrightWorkerOptions;

const startMs = 300_000;

/**
 * For `test.extend` of Playwright. `baseURL` is the application, with a slash at the end:
 * `page.goto('./invoices')`.
 * @param options what `startTestApp` takes
 * @example
 * export const test = base.extend(fixtures(declaration));
 * test('lists invoices', async ({ page, signInAs, api }) => {
 *   api.on('GET /invoices', { items: [{ id: '1', total: 5 }] });
 *   await signInAs({ permissions: ['read:invoices'] });
 *   await page.goto('./invoices');
 * });
 */
export function fixtures(
  declaration: Declaration,
  options?: Parameters<typeof startTestApp>[1],
): Fixtures<TestFixtures, TestWorkerFixtures, Args, WorkerArgs> {
  return {
    testApp: [
      // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from it
      async ({}, use) => {
        const app = await startTestApp(declaration, options);
        await use(app);
        await app.close();
      },
      { scope: 'worker', timeout: startMs },
    ],
    baseURL: async ({ testApp }, use) => use(`${testApp.url}/`),
    apis: async ({ testApp: { apis } }, use) => {
      for (const api of Object.values<FakeApi>(apis)) api.reset();
      await use(apis);
    },
    // Both names are for the same servers: asking for one resets all.
    api: async ({ testApp, apis: _ }, use) => use(testApp.api),
    signInAs: async ({ context, testApp: _ }, use) =>
      use(async (user) => context.addCookies(await signedInCookies(declaration, user))),
  };
}
