/** What scripts of a page can do to the cookies: nothing that matters. */
import { expect, test } from './support/fixtures.ts';
import { sessionCookieShape } from './support/seals.ts';

test('CK-02: no script can read or replace the session cookie', async ({ user, page, context }) => {
  await user.openSignedIn('/dashboard');
  expect(await page.evaluate(() => document.cookie)).toBe('');
  const ours = async () =>
    (await context.cookies()).filter(({ name }) => sessionCookieShape.test(name)).map(({ value }) => value);
  const before = await ours();
  await page.evaluate(() => {
    const put = (cookie: string) => {
      // biome-ignore lint/suspicious/noDocumentCookie: this is the attack.
      document.cookie = cookie;
    };
    for (let number = 0; number < 200; number += 1) put(`junk-${number}=${'x'.repeat(20)}; path=/`);
    for (const path of ['/', '/dashboard'])
      for (const name of ['strongroom', 'strongroom.0']) put(`${name}=planted; path=${path}`);
  });
  // The browser may drop them for the others.
  const left = (await ours()).filter((value) => value !== 'planted');
  expect(left.every((value) => before.includes(value))).toBe(true);
  const response = await page.goto(`${user.stack.appOrigin}/dashboard/contacts`);
  expect(response?.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(
    /Contacts|Please sign in|Your session has ended/,
  );
});
