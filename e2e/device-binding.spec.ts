/**
 * Sessions that are bound to their device, in a browser that binds them, over TLS, at two instances with one Redis.
 * Nothing here waits for a clock but the copies: a bound cookie that is removed is renewed like one that expired.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { hasRedis } from '../scripts/redis-server.ts';
import { listen } from './hostile/listener.ts';
import { forgetBoundCookie, launchOptions } from './support/binding-browser.ts';
import { type Cookies, tryCopy } from './support/copied-cookies.ts';
import { boundCookieShape } from './support/device-key.ts';
import { hasWholeBrowser } from './support/find-browser.ts';
import { messages, post } from './support/messages-page.ts';
import { begunEarlier, boundLongAgo, editContextSession } from './support/seals.ts';
import { type Seat, sitDown } from './support/seat.ts';
import { grace } from './support/test-stack.ts';
import { type BoundStack, startBoundStack } from './support/tls-stack.ts';

test.use({ launchOptions: launchOptions() });
test.skip(() => !hasRedis() || !hasWholeBrowser());

let stack: BoundStack;
let owner: Seat;
/** All that the owner's browser held right after the sign-in. */
let stolen: Cookies;

test.beforeAll(async ({ browser }) => {
  stack = await startBoundStack();
  owner = await sitDown(stack, await browser.newContext());
  await owner.user.signIn('/dashboard');
  await expect.poll(() => owner.bindings.registered).toHaveLength(1);
  await owner.page.reload();
  stolen = await owner.context.cookies();
});
test.afterAll(async () => {
  await owner?.context.close();
  await stack?.close();
});

async function signInElsewhere(browser: Browser, email?: string): Promise<Seat> {
  const seat = await sitDown(stack, await browser.newContext());
  const user = email === undefined ? seat.user : seat.user.as(email);
  await user.signIn(messages);
  await expect.poll(() => seat.bindings.registered).toHaveLength(1);
  return { ...seat, user };
}

/** The only clock of this file. The server counts a fifth longer than the browser does. */
async function untilStolenIsOver(): Promise<void> {
  const end = stolen.find(({ name }) => boundCookieShape.test(name))?.expires ?? 0;
  await expect.poll(() => Date.now() / 1000).toBeGreaterThan(end + 3);
}

const events = (name: string) => stack.appEvents(name);
const heading = (page: Page) => page.getByRole('heading', { level: 1 });

test('after the sign-in the browser registers by itself, once, and the session page says so', async () => {
  const { page, context, bindings } = owner;
  expect(bindings.registered).toHaveLength(1);
  expect(events('device_registered')).toHaveLength(1);
  const cookie = (await context.cookies()).find(({ name }) => boundCookieShape.test(name));
  expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Lax', path: '/' });
  expect(cookie?.expires).toBeLessThanOrEqual(Date.now() / 1000 + 10);
  await owner.user.open('/dashboard/session');
  await expect(page.getByRole('main')).toContainText('Bound to this device');
  await expect(page.getByRole('main')).not.toContainText('The copy was rejected');
});

test('renewals while browsing, reading and writing show nothing: no reload, no error, no lost text', async () => {
  const { page, context, bindings, complaints, user } = owner;
  await user.open(messages);
  const loads = { count: 0 };
  page.on('load', () => {
    loads.count += 1;
  });
  const before = bindings.renewed.length;
  const text = `Typed before a renewal ${Date.now()}`;
  await page.getByLabel('New message').fill(text);
  for (const name of ['Contacts', 'Access', 'Messages']) {
    await forgetBoundCookie(context);
    await page.getByRole('navigation').getByRole('link', { name }).first().click();
    await expect(heading(page)).toContainText(name);
  }
  await expect(page.getByLabel('New message')).toHaveValue(text);
  await forgetBoundCookie(context);
  await post(page, text);
  expect(bindings.renewed.length - before).toBeGreaterThanOrEqual(4);
  // One for each click.
  expect([loads.count, complaints, bindings.failed, bindings.ended]).toEqual([3, [], [], []]);
});

test('of twenty requests that begin while the bound cookie is renewed, none is lost', async () => {
  const { page, context, bindings, complaints } = owner;
  const before = bindings.renewed.length;
  await forgetBoundCookie(context);
  const statuses = await page.evaluate(() => {
    const ask = async (number: number) => {
      const headers = { 'x-strongroom': '1' };
      const response = await fetch(`/api/gateway/contacts?q=an&per_page=${number}`, { headers });
      return response.status;
    };
    return Promise.all(Array.from({ length: 20 }, (_, index) => ask(index + 1)));
  });
  expect(statuses).toEqual(Array.from({ length: 20 }, () => 200));
  expect(bindings.renewed.length).toBeGreaterThan(before);
  expect([complaints, bindings.failed]).toEqual([[], []]);
});

test('both instances renew, whichever registered', async () => {
  await expect
    .poll(async () => {
      await forgetBoundCookie(owner.context);
      await owner.page.reload();
      return new Set(
        stack.lines.filter(({ line }) => line.includes('"device_renewed"')).map(({ server }) => server),
      );
    })
    .toEqual(new Set(['application', 'application 2']));
});

test('a link of another site waits for the renewal too, and leads to its page', async () => {
  const { page, context, bindings } = owner;
  const other = await listen((_, response) => {
    const html = `<a href="${stack.appOrigin}/dashboard/contacts">Contacts</a>`;
    response.writeHead(200, { 'content-type': 'text/html' }).end(html);
  });
  try {
    await page.goto(other.origin);
    await forgetBoundCookie(context);
    const before = bindings.renewed.length;
    await page.getByRole('link').click();
    await expect(page.getByRole('table')).toBeVisible();
    expect(page.url()).toBe(`${stack.appOrigin}/dashboard/contacts`);
    expect(bindings.renewed.length).toBeGreaterThan(before);
    expect(bindings.ended).toEqual([]);
  } finally {
    await other.close();
  }
});

test('SE-19: all cookies, copied into another browser, are rejected when the bound one is over: 20 of 20', async ({
  browser,
}) => {
  const { page, user, bindings, complaints } = owner;
  await untilStolenIsOver();
  const refreshes = events('tokens_refreshed').length;
  expect(await tryCopy(stack, stolen)).toEqual(Array.from({ length: 20 }, () => 'rejected'));
  expect(events('tokens_refreshed')).toHaveLength(refreshes);
  // A browser that can bind as well does not have the key.
  const thief = await sitDown(stack, await browser.newContext());
  await thief.context.addCookies(stolen);
  await thief.user.open('/dashboard/contacts');
  await expect(thief.page).toHaveURL(/\/sign-in\?/);
  await expect(thief.page.getByRole('table')).toHaveCount(0);
  expect(thief.bindings.registered).toEqual([]);
  await thief.context.close();
  // The owner has noticed nothing, and reads of it on the session page.
  await user.open('/dashboard/contacts');
  await expect(page.getByRole('table')).toBeVisible();
  expect([complaints, bindings.failed, bindings.ended]).toEqual([[], [], []]);
  await user.open('/dashboard/session');
  await expect(page.getByRole('main')).toContainText('The copy was rejected');
});

test('a browser that is closed and opened again goes on with its session and its key', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-profile-'));
  try {
    const before = await sitDown(stack, await chromium.launchPersistentContext(folder, launchOptions()));
    await before.user.signIn('/dashboard');
    await expect.poll(() => before.bindings.registered).toHaveLength(1);
    await before.context.close();
    const after = await sitDown(stack, await chromium.launchPersistentContext(folder, launchOptions()));
    await forgetBoundCookie(after.context);
    await after.user.open('/dashboard/contacts');
    await expect(after.page.getByRole('table')).toBeVisible();
    expect(after.bindings.registered).toEqual([]);
    expect(after.bindings.renewed.length).toBeGreaterThan(0);
    await after.context.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('SE-19: signing out ends the binding at the server and in the browser', async ({ browser }) => {
  const seat = await signInElsewhere(browser);
  await seat.page.reload();
  const copy = await seat.context.cookies();
  await seat.user.signOut();
  await expect.poll(() => seat.bindings.ended.length).toBeGreaterThan(0);
  const { length } = seat.bindings.renewed;
  expect(await tryCopy(stack, copy)).toEqual(Array.from({ length: 20 }, () => 'rejected'));
  await seat.user.open('/');
  const names = (await seat.context.cookies()).map(({ name }) => name);
  expect(names.filter((name) => boundCookieShape.test(name))).toEqual([]);
  expect(seat.bindings.renewed).toHaveLength(length);
  await seat.context.close();
});

test('a browser that lost its key signs in again, and has its page and its text', async ({ browser }) => {
  const seat = await signInElsewhere(browser, grace);
  const { page, bindings, user } = seat;
  await editContextSession(stack, seat.context, boundLongAgo);
  const text = `Typed before the key was lost ${Date.now()}`;
  // Kept as soon as the page listens.
  await expect(async () => {
    await page.getByLabel('New message').fill(text);
    await page.reload();
    await expect(page.getByLabel('New message')).toHaveValue(text, { timeout: 2_000 });
  }).toPass();
  await bindings.forget();
  await page.getByRole('button', { name: 'Post message' }).click();
  await user.startSignIn();
  await expect(page).toHaveURL(/\/dashboard\/messages/);
  const field = page.getByLabel('New message');
  const posted = page.getByRole('listitem').filter({ hasText: text });
  // The answer to a renewal that was under way when the key was lost may have let the message through.
  await expect.poll(async () => (await field.inputValue()) === text || (await posted.count()) > 0).toBe(true);
  await expect.poll(() => bindings.registered).toHaveLength(2);
  if ((await posted.count()) === 0) await post(page, text);
  await expect(posted).toHaveCount(1);
  await seat.context.close();
});

test('Redis emptied: a bound session stays bound, renews, and goes on', async () => {
  const { page, context, bindings, complaints, user } = owner;
  await untilStolenIsOver();
  await stack.redis.flush();
  const before = bindings.renewed.length;
  await forgetBoundCookie(context);
  await user.open('/dashboard/contacts');
  await expect(page.getByRole('table')).toBeVisible();
  expect(bindings.renewed.length).toBeGreaterThan(before);
  expect([complaints, bindings.failed, bindings.ended]).toEqual([[], [], []]);
  expect(await tryCopy(stack, stolen)).toEqual(Array.from({ length: 20 }, () => 'rejected'));
});

test('Redis away with REVOCATION_CHECK=open: the owner goes on, and a copy does not', async () => {
  const { page, context, bindings, user } = owner;
  await untilStolenIsOver();
  // From the next renewal on the session cookie says by itself that it is bound.
  await forgetBoundCookie(context);
  await user.open('/dashboard');
  await forgetBoundCookie(context);
  // A renewal that was under way may have brought another cookie by now, which would be good for its ten seconds.
  const copy = (await context.cookies()).filter(({ name }) => !boundCookieShape.test(name));
  await stack.redis.stop();
  try {
    await user.open('/dashboard/contacts');
    await expect(page.getByRole('table')).toBeVisible();
    expect(bindings.ended).toEqual([]);
    expect(await tryCopy(stack, copy)).toEqual(Array.from({ length: 20 }, () => 'rejected'));
  } finally {
    await stack.redis.start();
  }
});

test.describe('SESSION_BINDING=require, REVOCATION_CHECK=closed', () => {
  test.beforeAll(() => stack.restart({ SESSION_BINDING: 'require', REVOCATION_CHECK: 'closed' }));

  test('sessions and their bindings outlive a restart of the application', async () => {
    const { page, context, bindings, user } = owner;
    const before = bindings.renewed.length;
    await forgetBoundCookie(context);
    await user.open('/dashboard/contacts');
    await expect(page.getByRole('table')).toBeVisible();
    expect(bindings.renewed.length).toBeGreaterThan(before);
    expect(bindings.ended).toEqual([]);
  });

  test('Redis away: no page is shown, no binding ends, and all goes on when it is back', async () => {
    const { page, context, bindings, user } = owner;
    await stack.redis.stop();
    try {
      await forgetBoundCookie(context);
      await user.open('/dashboard/contacts');
      await expect(page).toHaveURL(/\/sign-in\/problem\?code=store_unavailable/);
      expect(await tryCopy(stack, stolen)).toEqual(Array.from({ length: 20 }, () => 'rejected'));
    } finally {
      await stack.redis.start();
    }
    await expect(async () => {
      await user.open('/dashboard/contacts');
      await expect(page.getByRole('table')).toBeVisible({ timeout: 1_000 });
    }).toPass();
    expect(bindings.ended).toEqual([]);
    expect(await tryCopy(stack, stolen)).toEqual(Array.from({ length: 20 }, () => 'rejected'));
  });

  test('a browser that cannot bind is told which can, and one that can goes on', async () => {
    const other = await chromium.launch(launchOptions({ canBind: false }));
    try {
      const seat = await sitDown(stack, await other.newContext());
      await seat.user.signIn('/dashboard/contacts');
      await expect(seat.page.getByRole('table')).toBeVisible();
      await editContextSession(stack, seat.context, begunEarlier(120));
      await seat.user.open('/dashboard/contacts');
      await expect(seat.page).toHaveURL(/\/sign-in\?.*reason=device_required/);
      await expect(seat.page.getByRole('main')).toContainText(/Chrome/);
      expect(seat.bindings.registered).toEqual([]);
    } finally {
      await other.close();
    }
    const { page, user, context } = owner;
    await editContextSession(stack, context, begunEarlier(120));
    await user.open('/dashboard/contacts');
    await expect(page.getByRole('table')).toBeVisible();
  });
});
