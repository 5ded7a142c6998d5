/**
 * The promise: the access token never reaches the browser, and no other secret does either. A whole journey is recorded, every secret of
 * it is taken from the server's side, and everything that the browser received and the servers logged is searched for all of them.
 */
import type { BrowserContext } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { describeToken, findLeaks, type Secret } from './support/leaks.ts';
import { Recorder, readReachable } from './support/recorder.ts';
import { joinSessionCookie, openSeal } from './support/seals.ts';
import type { TestStack } from './support/test-stack.ts';

test.use({
  stackName: 'promise',
  stackEnv: { LOG_LEVEL: 'debug' },
});

test('LK-01, LK-03, CA-07: no token, key, code, verifier or secret is in anything the browser received or a log holds', async ({
  newcomer: user,
  page,
  context,
}) => {
  const { stack } = user;
  const recorder = new Recorder(context);
  const secrets: Secret[] = [
    { name: 'client secret', value: stack.secrets.clientSecret },
    { name: 'cookie secret', value: stack.secrets.appSecret },
  ];
  const collect = async () => void secrets.push(...(await readTokens(context, stack)));

  await user.open('/dashboard/messages');
  await user.startSignIn();
  await page.getByLabel('Password').waitFor();
  secrets.push(...(await readChecks(context, stack)));
  await user.enterPassword();
  await user.consent({ without: ['Post messages as you'] });
  await page.getByRole('link', { name: 'Grant ‘Post messages’' }).waitFor();
  await collect();
  await page.getByRole('link', { name: 'Grant ‘Post messages’' }).click();
  await page.getByRole('button', { name: 'Allow' }).waitFor();
  secrets.push(...(await readChecks(context, stack)));
  await user.consent();
  await page.getByLabel('New message').fill('Nothing to see here');
  await collect();
  await page.getByRole('button', { name: 'Post message' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Nothing to see here' })).toBeVisible();

  const reachable: string[] = [];
  for (const name of ['Overview', 'Contacts', 'Access', 'Session']) {
    await user.expireAccessToken();
    await page.getByRole('navigation').getByRole('link', { name }).first().click();
    await expect(page.getByRole('navigation').getByRole('link', { name }).first()).toHaveAttribute(
      'aria-current',
      'page',
    );
    await collect();
    reachable.push(await readReachable(page));
  }
  for (const path of [
    '/dashboard',
    '/dashboard/contacts?q=an',
    '/sign-in/problem?code=unexpected',
    '/nowhere',
    '/',
  ]) {
    await user.open(path);
    await collect();
    reachable.push(await readReachable(page));
  }
  await page.evaluate(async () => {
    for (const path of ['/dashboard', '/dashboard/messages'])
      await fetch(`${path}?_rsc=1`, { headers: { rsc: '1' } });
  });
  await user.open('/dashboard');
  await collect();
  await user.signOut();

  const names = new Set(secrets.map(({ name }) => name));
  expect([...names]).toEqual(
    expect.arrayContaining([
      'access token',
      'refresh token',
      'ID token',
      'code verifier',
      'nonce',
      'client secret',
    ]),
  );
  expect(
    new Set(secrets.filter(({ name }) => name === 'refresh token').map(({ value }) => value)).size,
  ).toBeGreaterThan(1);

  const received = await recorder.received();
  const codes = received
    .flatMap(({ headers }) => headers)
    .flatMap(({ name, value }) => readCode(name ?? '', value ?? ''));
  expect(codes).toHaveLength(2);
  secrets.push(...codes);
  // The last one was in the store, from where signing out takes it for the way to the authorization server alone.
  const hints = new Set(
    received.flatMap(({ url, body }) => /[?;&]id_token_hint=([\w.-]+)/.exec(`${url} ${body}`)?.[1] ?? []),
  );
  expect(hints.size).toBe(1);
  secrets.push(...[...hints].flatMap((hint) => describeToken('ID token', hint)));
  for (const { url, headers, body } of received) {
    const text = [
      withoutLogoutAddress(url, body),
      ...headers
        .filter((header) => !isProtocolRedirect(header))
        .map(({ name, value }) => `${name}: ${value}`),
    ].join('\n');
    expect({ url: new URL(url).pathname, leaks: findLeaks(text, secrets) }).toEqual({
      url: new URL(url).pathname,
      leaks: [],
    });
  }
  for (const text of reachable) expect(findLeaks(text, secrets)).toEqual([]);
  expect(findLeaks(stack.lines.map(({ line }) => line).join('\n'), secrets)).toEqual([]);
  expect(stack.lines.map(({ line }) => line).join('\n')).not.toContain(user.email);
});

test('the search works: a secret that is put into a response is found', async ({ user, page, context }) => {
  const { clientSecret } = user.stack.secrets;
  const recorder = new Recorder(context);
  await page.route('**/signed-out', async (route) => {
    const response = await route.fetch();
    const planted = Buffer.from(`x${clientSecret}`).toString('base64url');
    const body = (await response.text()).replace('</body>', `<i data-planted="${planted}"></i></body>`);
    await route.fulfill({ response, body });
  });
  await user.open('/signed-out');
  const secrets = [{ name: 'client secret', value: clientSecret }];
  const received = (await recorder.received()).map(({ body }) => body).join('\n');
  expect(findLeaks(received, secrets)).toEqual([{ name: 'client secret', form: 'base64 at 1' }]);
  expect(findLeaks(await readReachable(page), secrets)).toEqual([
    { name: 'client secret', form: 'base64 at 1' },
  ]);
});

/** The tokens of the session that the browser holds sealed. */
async function readTokens(context: BrowserContext, stack: TestStack): Promise<Secret[]> {
  const cookies = await context.cookies(stack.appOrigin);
  const sealed = joinSessionCookie(new Map(cookies.map((cookie) => [cookie.name, cookie])));
  const { tokens } = (await openSeal('session', stack.secrets.appSecret, sealed)) as {
    tokens: Record<string, string>;
  };
  expect(tokens.accessToken).toMatch(/^eyJ/);
  return [
    ...describeToken('access token', tokens.accessToken ?? ''),
    // The store has it, in place of a cookie that would be long.
    ...(tokens.idToken ? describeToken('ID token', tokens.idToken) : []),
    { name: 'refresh token', value: tokens.refreshToken ?? '' },
    { name: 'DPoP key', value: tokens.dpopKey ?? '' },
  ];
}

/** Verifier and nonce of the sign-ins that are under way. */
async function readChecks(context: BrowserContext, stack: TestStack): Promise<Secret[]> {
  const cookies = (await context.cookies(stack.appOrigin)).filter(({ name }) =>
    name.startsWith('strongroom-transaction-'),
  );
  const transactions = await Promise.all(
    cookies.map(({ value }) => openSeal('transaction', stack.secrets.appSecret, value)),
  );
  expect(transactions.length).toBeGreaterThan(0);
  return transactions.flatMap(({ codeVerifier, nonce, dpopKey }) => [
    { name: 'DPoP key', value: String(dpopKey) },
    { name: 'code verifier', value: String(codeVerifier) },
    { name: 'nonce', value: String(nonce) },
  ]);
}

/** The page between signing out here and there leads on as a redirect would, by the same address. */
function withoutLogoutAddress(url: string, body: string): string {
  if (new URL(url).pathname !== '/auth/sign-out') return body;
  return body.replace(/http:\/\/127\.0\.0\.1:\d+\/oidc\/logout\?[^"<]*/g, '');
}

/** RFC 6749 §4.1.2 sends the code through the browser, and OIDC logout the ID token as a hint: in these two redirects and nowhere else. */
function isProtocolRedirect({ name, value }: Record<string, string>): boolean {
  if (name?.toLowerCase() !== 'location' || value === undefined) return false;
  return (
    /^http:\/\/localhost:\d+\/auth\/callback\/provider\?/.test(value) ||
    /^http:\/\/127\.0\.0\.1:\d+\/oidc\/logout\?/.test(value)
  );
}

function readCode(name: string, value: string): Secret[] {
  if (name.toLowerCase() !== 'location' || !value.includes('/auth/callback/provider?')) return [];
  return [{ name: 'code', value: new URL(value).searchParams.get('code') ?? '' }];
}
