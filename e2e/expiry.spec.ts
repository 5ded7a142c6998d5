/** Tokens that end while somebody is reading or writing. */
import { expect, test } from './support/fixtures.ts';
import { revokeGrant } from './support/revoke.ts';

const lifetimeSec = 4;
test.use({ stackEnv: { SAMPLE_ACCESS_TOKEN_SEC: String(lifetimeSec) } });
const pause = () => new Promise((resolve) => setTimeout(resolve, (lifetimeSec + 1) * 1000));

test('an access token that expires while browsing is renewed and nobody notices', async ({
  person,
  page,
}) => {
  await person.signIn('/dashboard');
  for (const name of ['Contacts', 'Messages', 'Access']) {
    await pause();
    await page.getByRole('navigation').getByRole('link', { name }).first().click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
    await expect(page.getByRole('main')).not.toContainText('not answering');
  }
  expect(person.stack.appEvents('tokens_refreshed').length).toBeGreaterThanOrEqual(3);
});

test('a refresh token that was revoked asks to sign in again, and the draft is kept', async ({
  person,
  page,
}) => {
  await person.signIn('/dashboard/messages');
  const cookies = await page.context().cookies(person.stack.appOrigin);
  await revokeGrant(person.stack, cookies.find(({ name }) => name === 'strongroom')?.value ?? '');
  const text = `Kept through a revocation ${Date.now()}`;
  await page.getByLabel('New message').fill(text);
  await pause();
  await page.getByRole('button', { name: 'Post message' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to continue');
  await expect(page.getByRole('main')).toContainText('session has ended');
  await person.startSignIn();
  await expect(page).toHaveURL(/\/dashboard\/messages/);
  await expect(page.getByLabel('New message')).toHaveValue(text);
});
