/** Authorization responses that are errors: each leads where it should, and what came with it is for the log alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVisitor, describeAttacks } from './attacks.ts';
import { borrowWorld } from './borrowed-world.ts';
import { drop, expired, fails, set, unnamed, withoutExchange } from './callback-attacks.ts';
import { marker } from './invariants.ts';
import { callbackOf, linkIn, reachCallback, signIn } from './journey.ts';
import type { OutcomeName } from './outcomes.ts';
import { observe } from './trial.ts';
import type { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await borrowWorld();
});
afterAll(() => world?.close());

describe('errors', () => {
  const codes: [error: string, outcome: OutcomeName][] = [
    ['access_denied', 'access_denied'],
    ['server_error', 'server_error'],
    ['temporarily_unavailable', 'temporarily_unavailable'],
    ['login_required', 'login_required'],
    ['interaction_required', 'interaction_required'],
    ['account_selection_required', 'interaction_required'],
    ['consent_required', 'access_denied'],
    ['unauthorized', 'access_denied'],
    ['mfa_required', 'interaction_required'],
    ['registration_required', 'interaction_required'],
    ['unmet_authentication_requirements', 'unmet_authentication_requirements'],
    ['invalid_request', 'configuration_invalid'],
    ['unauthorized_client', 'configuration_invalid'],
    ['unsupported_response_type', 'configuration_invalid'],
    ['invalid_scope', 'invalid_scope'],
    ['invalid_request_object', 'configuration_invalid'],
    ['request_not_supported', 'configuration_invalid'],
    ['invalid_target', 'invalid_target'],
    ['invalid_request_uri', 'transaction_expired'],
    ['unheard_of', 'access_denied'],
    ['', 'access_denied'],
    ['constructor', 'access_denied'],
    ['__proto__', 'access_denied'],
  ];
  describeAttacks(
    () => world,
    'the error',
    codes.map(([error, outcome]) =>
      withoutExchange(error === 'access_denied' ? 'CB-09' : 'CB-10', `"${error}"`, outcome, fails(error)),
    ),
  );

  const texts: Record<string, string> = {
    'a script': '<script>alert(1)</script>x-marker',
    'a tag that never closes': '"><img src=x onerror=alert(1)>x-marker',
    'a template': '{{7*7}}x-marker',
    'escape sequences of a terminal': '\u001b[31mx-marker',
    'line breaks': 'x-marker\r\nSet-Cookie: a=b',
    'text that runs backwards': '\u202ex-marker',
    'the marker': `${marker}x-marker`,
  };
  const described = (text: string) =>
    fails('access_denied', { error_description: text, error_uri: 'javascript:alert(1)//x-marker' });
  describeAttacks(() => world, 'an error', [
    ...Object.entries(texts).map(([name, text]) =>
      withoutExchange('CB-12', `described with ${name}`, 'access_denied', described(text)),
    ),
    withoutExchange('CB-12', 'with the marker as its code', 'access_denied', fails(`${marker}x-marker`)),
    expired(
      'CB-11',
      'with a state that belongs to no transaction',
      (right) => set('state', 'A'.repeat(22))(fails('access_denied')(right)),
      unnamed,
    ),
    expired('CB-11', 'without a state', (right) => drop('state')(fails('access_denied')(right)), unnamed),
  ]);

  it('CB-12: the error that the server named and how it described it are in the log, without control characters', () => {
    const said = world.app.events('sign_in_rejected').map(({ serverError, serverDescription }) => ({
      serverError,
      serverDescription,
    }));
    for (const [error] of codes)
      expect(said.map(({ serverError }) => serverError)).toContain(error === '' ? undefined : error);
    expect(said).toContainEqual({
      serverError: 'access_denied',
      serverDescription: 'x-marker Set-Cookie: a=b',
    });
    for (const text of said.flatMap((words) => Object.values(words)).filter((one) => one !== undefined))
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('CB-10: a server whose sign-in page was open for too long gets one new request at once, and not two', async () => {
    const late = fails('temporarily_unavailable', { error_description: 'authentication_expired' });
    const { user, browser } = createVisitor(world, { redirect: late });
    const before = world.server.grants.length;
    const callback = await reachCallback(world, browser, '/dashboard/messages');
    world.server.fault = {};
    await observe(world, { browser, outcome: 'signed_in', signedIn: user }, async () => {
      const page = await browser.visit(callback);
      expect(page.url.pathname).toBe('/dashboard/messages');
      return page;
    });
    expect(world.server.grants.length - before).toBe(2);
    const again = createVisitor(world, { redirect: late });
    const trial = { browser: again.browser, outcome: 'login_required' as const, signedIn: null };
    await observe(world, trial, () => signIn(world, again.browser));
    expect(world.server.grants.length - before).toBe(4);
  });

  it('CB-10: the new request asks for another account where the first one did', async () => {
    const late = fails('temporarily_unavailable', { error_description: 'authentication_expired' });
    const { browser } = createVisitor(world, { redirect: late });
    const before = world.server.grants.length;
    const link = `${world.appOrigin}/auth/sign-in?return_to=/dashboard/access&account=another`;
    const callback = callbackOf(await browser.follow(link, { stopAtCallback: true }));
    world.server.fault = {};
    await browser.visit(callback as URL);
    const prompts = world.server.grants.slice(before).map(({ request }) => request.get('prompt'));
    expect(prompts).toEqual(['login', 'login']);
  });

  it.each([
    [undefined, 'login'],
    [['login', 'consent'], 'login'],
    [['login', 'select_account'], 'select_account'],
  ])(
    'CB-09: after access was denied, another account is asked for: prompts %j, so %s',
    async (known, prompt) => {
      const before = world.server.grants.length;
      world.server.metadata = { members: { prompt_values_supported: known } };
      await world.app.forgetMetadata();
      try {
        const { browser } = createVisitor(world, { redirect: fails('access_denied') });
        const page = await signIn(world, browser);
        await browser.follow(linkIn(page, /account=another/), { stopAtCallback: true });
        const prompts = world.server.grants.slice(before).map(({ request }) => request.get('prompt'));
        expect(prompts).toEqual([null, prompt]);
      } finally {
        world.server.metadata = {};
        await world.app.forgetMetadata();
      }
    },
  );
});
