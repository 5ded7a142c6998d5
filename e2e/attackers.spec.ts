/** Pages of another site can do nothing to a user who is signed in here, and learn nothing about them. In a real browser. */

import { type AttackerSite, startAttackerSite } from './support/attacker-site.ts';
import { askByScript, embedAll, followLink, observeFromOutside, sendForm } from './support/attacks.ts';
import { expect, test } from './support/fixtures.ts';
import { sessionCookieShape } from './support/seals.ts';
import type { User } from './support/user.ts';

let attacker: AttackerSite;
test.beforeAll(async () => {
  attacker = await startAttackerSite();
});
test.afterAll(() => attacker.close());

const kinds = ['crossSite', 'sameSite'] as const;
const privatePaths = [
  '/dashboard',
  '/dashboard/contacts',
  '/dashboard/messages',
  '/dashboard/access',
  '/dashboard/session',
  '/dashboard/session/name',
  '/dashboard/contacts/export',
];
const publicPaths = ['/', '/sign-in', '/sign-in/problem?code=unexpected', '/signed-out', '/nowhere'];
const authPaths = [
  '/auth/sign-in',
  '/auth/sign-out',
  '/auth/refresh?rejected=x',
  '/auth/status',
  '/auth/callback/provider?code=x&state=x',
];

/** The fields of the form for a new message, as its page has them, with a text of the attacker. */
async function readMessageForm(user: User): Promise<[string, string][]> {
  await user.open('/dashboard/messages');
  const fields = await user.page
    .locator('#new-message')
    .evaluate((form: HTMLFormElement) =>
      [...new FormData(form)].map(([name, value]): [string, string] => [name, String(value)]),
    );
  return fields.map(([name, value]) => [name, name === 'text' ? 'Sent by an attacker' : value]);
}

async function expectUntouched(user: User): Promise<void> {
  await user.open('/dashboard/messages');
  await expect(user.page.getByRole('heading', { level: 1 })).toHaveText('Messages');
  await expect(user.page.getByText('Sent by an attacker')).toHaveCount(0);
  await expect(user.page.getByRole('banner')).toContainText('Ada Lindqvist');
}

const countEvents = ({ stack }: User, names: RegExp) =>
  stack.appEvents().filter(({ event }) => names.test(String(event))).length;

test('CS-01: forms, scripts and sandboxed frames of other pages post nothing and sign no user out', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard');
  const fields = await readMessageForm(user);
  const rejections = () => countEvents(user, /^(form_rejected|sign_out_rejected)$/);
  for (const kind of kinds) {
    const through = `${attacker[kind]}/307?to=`;
    const targets = ['/dashboard/messages', '/auth/sign-out'].map((path) => user.stack.appOrigin + path);
    const before = rejections();
    await page.goto(attacker[kind]);
    for (const action of targets) {
      for (const enctype of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])
        await sendForm(page, { action, fields, enctype });
      await sendForm(page, { action: through + encodeURIComponent(action), fields });
      await sendForm(page, { action, fields, isSandboxed: true });
      await page.evaluate(askByScript, { address: action, fields });
    }
    // Of each target: five forms, four bodies by fetch and by beacon.
    await expect.poll(() => rejections() - before).toBeGreaterThanOrEqual(2 * (5 + 4 + 4));
    for (const action of targets) {
      await page.goto(attacker[kind]);
      await sendForm(page, { action, fields, isSeen: true });
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('This request came from another site');
      await expect(page.getByRole('main')).toContainText(/Reference \w{4}-\w{4}/);
    }
  }
  await expectUntouched(user);
});

test('CS-01, CS-05, CS-06: pages of other sites cannot frame or read ours, and start no sign-in by trying', async ({
  user,
  page,
}) => {
  await user.openSignedIn('/dashboard');
  const changes = () => countEvents(user, /^(sign_in_started|signed_in|tokens_refreshed|signed_out)$/);
  const before = changes();
  // The sibling gets cookies along, so it tries everything.
  const pathsOf = {
    sameSite: [...privatePaths, ...publicPaths, ...authPaths],
    crossSite: ['/', '/dashboard'],
  };
  for (const kind of kinds) {
    const paths = pathsOf[kind];
    await page.goto(attacker[kind]);
    const outcomes = await page.evaluate(
      embedAll,
      paths.map((path) => user.stack.appOrigin + path),
    );
    expect(outcomes).toEqual(['rejected']);
    const frames = page.frames().filter((frame) => frame !== page.mainFrame());
    expect(frames).toHaveLength(paths.length + 1);
    const contents = await Promise.all(frames.map((frame) => frame.content()));
    expect(contents.join()).not.toMatch(/Strongroom|Ada Lindqvist|Sign in/);
    expect(contents.filter((content) => content.includes('You won'))).toHaveLength(1);
  }
  expect(changes()).toBe(before);
  await expectUntouched(user);
});

test('AZ-06: a page of another site starts no sign-in, even when the authorization server would ask nothing: the user is asked', async ({
  user,
  page,
  context,
}) => {
  await user.openSignedIn('/dashboard');
  // Signed in there, and no longer here.
  await context.clearCookies({ name: sessionCookieShape });
  await context.clearCookies({ name: 'strongroom-last-seen' });
  const ours = async () =>
    (await context.cookies(user.stack.appOrigin))
      .map(({ name }) => name)
      .filter((name) => /^strongroom/.test(name));
  expect(await ours()).toEqual([]);
  const starts = () => countEvents(user, /^(sign_in_started|signed_in)$/);
  const before = starts();
  const target = `${user.stack.appOrigin}/auth/sign-in`;
  const wanted: [string, string] = ['return_to', '/dashboard/messages'];
  const address = `${target}?${new URLSearchParams([wanted])}`;
  for (const kind of kinds) {
    const embedded = countEvents(user, /^subresource_rejected$/);
    await page.goto(attacker[kind]);
    expect(await page.evaluate(embedAll, [address])).toEqual(['rejected']);
    await sendForm(page, { action: target, fields: [wanted], method: 'get' });
    await sendForm(page, { action: target, fields: [wanted], method: 'get', isSandboxed: true });
    // Six by the page, two by its frames.
    await expect.poll(() => countEvents(user, /^subresource_rejected$/) - embedded).toBe(8);
    const visibly = [
      () => sendForm(page, { action: target, fields: [wanted], method: 'get', isSeen: true }),
      () => followLink(page, address),
      () => followLink(page, `${attacker[kind]}/307?to=${encodeURIComponent(address)}`),
      () => page.evaluate((to) => void location.replace(to), address),
    ];
    for (const arrive of visibly) {
      await page.goto(attacker[kind]);
      await arrive();
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Please sign in');
      expect(new URL(page.url()).pathname).toBe('/sign-in');
    }
  }
  expect([starts() - before, await ours()]).toEqual([0, []]);
  await user.startSignIn();
  await expect(page).toHaveURL(`${user.stack.appOrigin}/dashboard/messages`);
  expect([starts() - before, await ours()]).toEqual([
    2,
    expect.arrayContaining([expect.stringMatching(sessionCookieShape)]),
  ]);
});

test('CS-07: other pages cannot tell whether their visitor is signed in here', async ({ user, page }) => {
  const observe = async () => {
    const seen: string[] = [];
    for (const kind of kinds) {
      await page.goto(attacker[kind]);
      for (const path of ['/dashboard', '/auth/status'])
        seen.push(await observeFromOutside(page, user.stack.appOrigin + path));
    }
    return seen;
  };
  const signedOut = await observe();
  await user.openSignedIn('/dashboard');
  expect(await observe()).toEqual(signedOut);
  expect(signedOut.join()).toContain('"isClosed":true');
});

test('CS-05: the pages of the authorization server cannot be framed either', async ({ user, page }) => {
  const { issuer } = user.stack.settings;
  await page.goto(attacker.crossSite);
  await page.evaluate(embedAll, [issuer, `${issuer}/oidc/logout`, `${issuer}/authorize?client_id=x`]);
  const contents = await Promise.all(page.frames().map((frame) => frame.content()));
  expect(contents.filter((content) => content.includes('You won'))).toHaveLength(2);
  expect(contents.join()).not.toMatch(/Strongroom|Sign in|Sign out/);
});

test('LK-04: no address with a code, a state or a token is sent as a referrer, and other sites get no referrer at all', async ({
  user,
  page,
  context,
}) => {
  const referrers: string[] = [];
  context.on(
    'request',
    (request) =>
      void request.allHeaders().then(
        ({ referer }) => referer && referrers.push(referer),
        () => null,
      ),
  );
  await user.signIn('/dashboard/contacts?q=an');
  const { appOrigin, settings } = user.stack;
  for (const path of ['/', '/sign-in', '/dashboard/contacts']) {
    await user.open(`${path}?state=private-state`);
    const before = attacker.visits.length;
    await page.evaluate((address) => {
      const image = new Image();
      image.src = `${address}/beacon.png`;
      const link = document.createElement('a');
      Object.assign(link, { href: `${address}/link`, textContent: 'away' });
      document.body.append(image, link);
      link.click();
    }, attacker.crossSite);
    await page.waitForURL(`${attacker.crossSite}/link`);
    const visits = attacker.visits.slice(before);
    expect(visits.map((visit) => visit.path).filter((visited) => visited !== '/favicon.ico')).toEqual([
      '/link',
    ]);
    expect(
      visits.map(({ headers }) => headers.referer).filter((referer) => referer?.includes(appOrigin)),
    ).toEqual([]);
  }
  await user.open('/dashboard');
  await user.signOut();
  expect(referrers.length).toBeGreaterThan(10);
  for (const referrer of referrers) {
    expect(referrer).not.toMatch(/[?&](code|iss|id_token_hint|request_uri|access_token)=|\/auth\//);
    if (referrer.startsWith(appOrigin) === false)
      expect([settings.issuer, attacker.crossSite]).toContain(new URL(referrer).origin);
  }
});

test('HD-06: signing out clears what scripts and the cache of the browser kept', async ({ user, page }) => {
  await user.openSignedIn('/dashboard');
  await page.evaluate(async () => {
    localStorage.setItem('kept', 'yes');
    await (await caches.open('kept')).put('/kept', new Response('yes'));
  });
  const answered = page.waitForResponse((response) => response.url().endsWith('/auth/sign-out'));
  await user.signOut();
  expect((await (await answered).allHeaders())['clear-site-data']).toBe('"cache", "storage"');
  const left = await page.evaluate(async () => [localStorage.getItem('kept'), await caches.keys()]);
  expect(left).toEqual([null, []]);
});
