/**
 * Settings that change the server for tests and load: more people, longer tokens, refresh tokens that stay.
 */
import { decodeJwt } from 'jose';
import { expect, it, onTestFinished } from 'vitest';
import { createInstallation, requirePage } from './testing/installation.ts';

async function install(env: Record<string, string>) {
  const site = await createInstallation(env);
  onTestFinished(() => site.remove());
  return { site, app: site.relyingParty() };
}

it('extra people sign in, twelve at the same moment, and no page offers them', async () => {
  const { site, app } = await install({ SAMPLE_EXTRA_ACCOUNTS: '50' });
  const numbers = Array.from({ length: 12 }, (_, index) => String(4 * index + 3).padStart(3, '0'));
  const people = await Promise.all(
    numbers.map(async (number) => {
      const answer = await site.signInAndAllow(site.browser(), app.authorizationUrl(), `user${number}`);
      const { body } = await app.exchange(answer.get('code') ?? '');
      return decodeJwt(String(body.id_token));
    }),
  );
  expect(people.map(({ email }) => email)).toEqual(numbers.map((number) => `user${number}@strongroom.test`));
  expect(people[1]).toMatchObject({ name: 'User 007', sub: 'usr_extra007' });
  const page = requirePage(await site.browser().visit(app.authorizationUrl()));
  expect(page.html).toContain('ada@strongroom.test');
  expect(page.html).not.toContain('user001');
});

it('a padded access token is as long as asked, and so is the next one', async () => {
  const { site, app } = await install({ SAMPLE_ACCESS_TOKEN_PADDING: '30000' });
  const answer = await site.signInAndAllow(site.browser(), app.authorizationUrl());
  const first = await app.exchange(answer.get('code') ?? '');
  const second = await app.refresh(first.body.refresh_token);
  const paddings = [first, second].map(({ body }) => decodeJwt(String(body.access_token)).padding);
  for (const padding of paddings) expect(padding).toMatch(/^[\w-]{30000}$/);
  expect(paddings[0]).not.toBe(paddings[1]);
  expect(decodeJwt(String(first.body.id_token))).not.toHaveProperty('padding');
});

it('a token for userinfo stays short', async () => {
  const { site, app } = await install({ SAMPLE_ACCESS_TOKEN_PADDING: '30000' });
  const url = app.authorizationUrl({ scope: 'openid' });
  const { body } = await app.exchange((await site.signInAndAllow(site.browser(), url)).get('code') ?? '');
  expect(String(body.access_token).length).toBeLessThan(100);
});

it('without rotation a refresh token stays good, also for two that race', async () => {
  const { site, app } = await install({ SAMPLE_ROTATE_REFRESH_TOKENS: 'no' });
  const answer = await site.signInAndAllow(site.browser(), app.authorizationUrl());
  const { refresh_token } = (await app.exchange(answer.get('code') ?? '')).body;
  const answers = await Promise.all([app.refresh(refresh_token), app.refresh(refresh_token)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(answers.map(({ body }) => body.refresh_token)).toEqual([refresh_token, refresh_token]);
  await app.post('/oauth/revoke', { token: String(refresh_token) });
  expect((await app.refresh(refresh_token)).body.error).toBe('invalid_grant');
});
