/** An API that responds with markup in every field: it is text on every page, nothing of it runs, and no script would that is not ours. */
import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { contact, markup, message, page as pageOf } from './support/odd-data.ts';
import { type ScriptedApi, type ScriptedResponse, startScriptedApi } from './support/scripted-api.ts';

const names = ['name', 'company', 'role', 'email', 'city', 'country', 'notes'];
const evil = {
  ...contact,
  ...Object.fromEntries(names.map((name) => [name, markup])),
  id: `"><x-evil onclick=alert(1)>`,
  phone: `javascript:alert(1)"><x-evil>`,
};
const messages = [false, true].map((mine, index) => ({
  ...message,
  ...{ id: `${index}"><x-evil>`, author: { name: markup }, text: markup, mine },
}));

let api: ScriptedApi;
test.beforeAll(async ({ stack }) => {
  await stack.stop('API');
  api = await startScriptedApi(stack.settings.apiPort, respondWithMarkup);
});
test.afterAll(async ({ stack }) => {
  await api.close();
  await stack.start('API');
});

function respondWithMarkup(path: string): ScriptedResponse {
  const isOne = path.startsWith('/contacts/');
  const data = isOne ? evil : pageOf(path.startsWith('/messages') ? messages : [evil]);
  return { status: 200, body: JSON.stringify(data) };
}

/** What was noticed of scripts that are not ours, from now on. */
function watch(page: Page): string[] {
  const ran: string[] = [];
  page.on('dialog', (dialog) => {
    ran.push(dialog.message());
    void dialog.dismiss();
  });
  return ran;
}

const expectText = async (page: Page) => {
  await expect(page.getByRole('main').getByText(markup).first()).toBeVisible();
  await expect(page.locator('x-evil, [onclick], [onerror], [onload], a[href^="javascript:"]')).toHaveCount(0);
};

test('RC-11: markup from the API is text in the table, on a contact, in messages and in suggestions', async ({
  user,
  page,
}) => {
  const ran = watch(page);
  await user.openSignedIn('/dashboard');
  for (const path of [
    '/dashboard',
    '/dashboard/contacts',
    '/dashboard/contacts/c_1',
    '/dashboard/messages',
  ]) {
    await user.open(path);
    await expectText(page);
  }
  await user.open('/dashboard/contacts?q=none');
  await page.getByRole('combobox').fill('x');
  const option = page.getByRole('option').first();
  await expect(option).toContainText(markup);
  await expectText(page);
  // From here on the page is put together in the browser.
  await option.click();
  await expect(page).toHaveURL(/\/contacts\/%22%3E%3Cx-evil/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(markup);
  await expectText(page);
  expect(ran).toEqual([]);
});

/**
 * What an attacker might get into the text of a page if escaping failed; the last is what our own scripts look like.
 * What a running script appends is trusted, by `strict-dynamic`. @see CSP Level 3 §8.2
 */
const injected = (own: string) =>
  [
    `<script>ran.push('inline')</script>`,
    `<script nonce="AAAAAAAAAAAAAAAAAAAAAA==">ran.push('guessed nonce')</script>`,
    `<script nonce>ran.push('empty nonce')</script>`,
    `<script src="/icon.svg"></script><script src="data:text/javascript,ran.push('data')"></script>`,
    `<img src="data:," onerror="ran.push('handler')">`,
    `<iframe src="javascript:parent.ran.push('address')"></iframe>`,
    `<iframe srcdoc="<script>parent.ran.push('frame')</script>"></iframe>`,
    `<object data="/icon.svg"></object><base href="http://evil.example/">`,
    `<a href="javascript:ran.push('link')">Injected</a>`,
    `<script nonce="${own}">ran.push('ours')</script>`,
  ].join('');

const directives = ['base-uri', 'object-src', 'script-src-attr', 'script-src-elem'];

test('HD-01: injected markup runs no script, also not with a guessed nonce', async ({ user, page }) => {
  await user.openSignedIn('/dashboard');
  await page.addInitScript(() => {
    const seen = { ran: [] as string[], rejected: [] as string[] };
    Object.assign(globalThis, seen);
    document.addEventListener('securitypolicyviolation', (event) => {
      seen.rejected.push(event.effectiveDirective);
    });
  });
  await page.route(
    (url) => url.origin === user.stack.appOrigin,
    async (route) => {
      if (!route.request().isNavigationRequest()) return route.continue();
      const response = await route.fetch();
      const own = /'nonce-([^']+)'/.exec(response.headers()['content-security-policy'] ?? '')?.[1] ?? '';
      const body = (await response.text()).replace('</body>', `${injected(own)}</body>`);
      return route.fulfill({ response, body });
    },
  );
  for (const path of ['/', '/sign-in', '/dashboard/contacts', '/dashboard/messages', '/nowhere']) {
    await user.open(path);
    await page.getByRole('link', { name: 'Injected' }).click();
    const read = () =>
      page.evaluate(() => {
        const { ran, rejected } = globalThis as unknown as { ran: string[]; rejected: string[] };
        return { ran, rejected: [...new Set(rejected)].sort() };
      });
    await expect.poll(async () => (await read()).rejected).toEqual(directives);
    // A script with the nonce of the page does run here.
    expect((await read()).ran).toEqual(['ours']);
  }
});
