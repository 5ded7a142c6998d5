/**
 * A front that adds speculation rules to our pages, so that the browser fetches links ahead of the click. What
 * it gets then must never be taken for the page.
 */
import type { Locator } from '@playwright/test';
import { findFreePorts } from '../scripts/ports.ts';
import { expect, test } from './support/fixtures.ts';
import {
  type Eagerness,
  type SpeculatingFront,
  type Speculation,
  startSpeculatingFront,
} from './support/speculating-front.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';
import { User } from './support/user.ts';

let front: SpeculatingFront;
let stack: TestStack;

test.beforeAll(async () => {
  const [port] = await findFreePorts(1);
  const origin = `http://localhost:${port}`;
  const started = await startTestStack({ AUTH_URL: origin, SAMPLE_APP_URL: origin });
  front = await startSpeculatingFront(Number(new URL(started.appOrigin).port), origin);
  stack = { ...started, appOrigin: origin };
});
test.afterAll(async () => void (await Promise.all([front?.close(), stack?.close()])));

/** Clicks when the browser has its response to what it asked ahead of the click. */
async function clickAfterSpeculation(link: Locator, answered: string): Promise<void> {
  const page = link.page();
  if (front.rules.eagerness !== 'immediate') await link.hover();
  if (front.rules.eagerness === 'conservative') await page.mouse.down();
  await expect.poll(() => front.answered).toContain(answered);
  if (front.rules.eagerness === 'conservative') await page.mouse.up();
  else await link.click();
}

const speculations: [Speculation, Eagerness][] = [
  ['prefetch', 'conservative'],
  ['prefetch', 'moderate'],
  ['prefetch', 'immediate'],
  ['prerender', 'immediate'],
];
for (const [kind, eagerness] of speculations)
  test(`AZ-07: "Sign in" and a page with due tokens work after a speculative ${kind}, ${eagerness}`, async ({
    page,
  }) => {
    const user = new User(page, stack);
    front.rules = { kind, eagerness };
    front.answered.length = 0;
    await user.open('/');
    await clickAfterSpeculation(
      page.getByRole('main').getByRole('link', { name: 'Sign in' }),
      '503 /auth/sign-in',
    );
    await user.completeSignIn();
    await expect(page).toHaveURL(`${stack.appOrigin}/dashboard`);
    await user.expireAccessToken();
    await user.open('/');
    await clickAfterSpeculation(page.getByRole('link', { name: 'Go to your overview' }), '503 /dashboard');
    await expect(page).toHaveURL(`${stack.appOrigin}/dashboard`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  });
