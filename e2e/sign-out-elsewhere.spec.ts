/**
 * Signing out at a server whose logout passes another host, such as an identity provider behind it, leaves the
 * page in every case: with scripts and without. A picture of the user at another host is not asked for.
 */
import '../lib/strongroom/testing/fresh-connections.ts';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { decodeJwt } from 'jose';
import { listen } from './hostile/listener.ts';
import { startWorld, type World } from './hostile/world.ts';

let world: World;
let upstream: Awaited<ReturnType<typeof listen>>;
const passed: string[] = [];
test.beforeAll(async () => {
  world = await startWorld();
  // Two more hosts, neither of which any page of ours knows.
  upstream = await listen(({ url }, response) => {
    passed.push(url.pathname);
    const back = url.searchParams.get('back') ?? '/';
    const next = `http://localhost:${new URL(upstream.origin).port}/further?${new URLSearchParams({ back })}`;
    response.writeHead(303, { location: url.pathname === '/further' ? back : next }).end();
  });
});
test.afterAll(async () => {
  await upstream?.close();
  await world?.close();
});
test.beforeEach(() => void passed.splice(0));

async function signIn(
  browser: Browser,
  javaScriptEnabled: boolean,
): Promise<{ page: Page; complaints: string[] }> {
  world.server.fault = { logoutThrough: `${upstream.origin}/upstream` };
  const context = await browser.newContext({ javaScriptEnabled });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(world.appOrigin);
  await page.getByRole('link', { name: 'Sign in' }).first().click();
  await expect(page.getByRole('banner').getByRole('button', { name: 'Sign out' })).toBeVisible();
  return { page, complaints };
}

for (const isScripted of [true, false])
  test(`SE-06, HD-01: ${isScripted ? 'with' : 'without'} scripts, signing out passes every host and comes back`, async ({
    browser,
  }) => {
    const { page, complaints } = await signIn(browser, isScripted);
    await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(/\/signed-out/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('You are signed out');
    expect(passed).toEqual(['/upstream', '/further']);
    expect(complaints).toEqual([]);
    // Back shows nothing private, and no page in between that would send the form again.
    await page.goBack();
    await expect(page.getByRole('banner').getByRole('button', { name: 'Sign out' })).toHaveCount(0);
    await page.context().close();
  });

test('TK-18: a picture of the user at another host is not put into the page', async ({ browser }) => {
  const picture = `${upstream.origin}/ada.png`;
  world.server.user = { ...world.server.user, picture };
  const { page, complaints } = await signIn(browser, true);
  const idToken = world.server.grants.at(-1)?.idTokens.at(-1) ?? '';
  expect(decodeJwt(idToken)).toMatchObject({ picture });
  await page.goto(`${world.appOrigin}/dashboard`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(complaints).toEqual([]);
  expect(passed).toEqual([]);
  await page.context().close();
});
