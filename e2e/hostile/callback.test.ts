/** Authorization responses that are wrong, repeated, injected or too large. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Attack,
  createVisitor,
  describeAttacks,
  newUser,
  signInVisitor,
  type Visitor,
} from './attacks.ts';
import { borrowWorld } from './borrowed-world.ts';
import { marker } from './invariants.ts';
import { callbackOf, linkIn, reachCallback, signIn } from './journey.ts';
import type { OutcomeName } from './outcomes.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let visitor: Visitor;
beforeAll(async () => {
  world = await borrowWorld();
  visitor = await signInVisitor(world);
});
afterAll(() => world?.close());

type Change = (right: URLSearchParams) => URLSearchParams | string;

/** The case ends before the code is sent to the token endpoint. */
const withoutExchange = (
  row: string,
  attack: string,
  outcome: OutcomeName,
  change: Change,
  more: Partial<Attack> = {},
): Attack => ({
  row,
  attack,
  outcome,
  exchanges: 0,
  fault: { redirect: change },
  ...more,
});
const edit =
  (change: (right: URLSearchParams) => void) =>
  (right: URLSearchParams): URLSearchParams => {
    change(right);
    return right;
  };
const set = (name: string, value: string) => edit((right) => right.set(name, value));
const add = (name: string, value: string) => edit((right) => right.append(name, value));
const drop = (name: string) => edit((right) => right.delete(name));
/** Puts parameters in front of the right query. */
const inFront =
  (text: string): Change =>
  (right) =>
    `${text}&${right}`;
const fails = (error: string, more: Record<string, string> = {}) =>
  edit((right) => {
    right.delete('code');
    for (const [name, value] of Object.entries({ error, ...more })) right.set(name, value);
  });
/** The state names no transaction of this browser, so the one that was started stays open. */
const unnamed = { openTransactions: 1 };
const rejected = (row: string, attack: string, change: Change, more: Partial<Attack> = {}): Attack =>
  withoutExchange(row, attack, 'invalid_response', change, more);
const expired = (row: string, attack: string, change: Change, more: Partial<Attack> = {}): Attack =>
  withoutExchange(row, attack, 'transaction_expired', change, more);

describe('state', () => {
  describeAttacks(() => world, 'a state', [
    expired(
      'CB-03',
      'that is longer by a character',
      edit((right) => right.set('state', `${right.get('state')}x`)),
      unnamed,
    ),
    expired('CB-03', 'that is empty', set('state', ''), unnamed),
    expired(
      'CB-03',
      'in other letters',
      edit((right) => right.set('state', `${right.get('state')}`.replace(/^./, '\u0430'))),
      unnamed,
    ),
    rejected(
      'CB-03',
      'with a NUL',
      edit((right) => right.set('state', `${right.get('state')}\0`)),
      unnamed,
    ),
    rejected('CB-03', 'of 3,000 characters', set('state', 'a'.repeat(3_000)), unnamed),
    expired('CB-03', 'that looks right and belongs to no transaction', set('state', 'A'.repeat(22)), unnamed),
  ]);
});

describe('the parameters', () => {
  describeAttacks(() => world, 'an authorization response', [
    { row: 'CB-01', attack: 'that is right', outcome: 'signed_in' },
    expired('CB-02', 'without a state', drop('state'), unnamed),
    expired('CB-14', 'with neither code nor error', drop('code')),
    expired('CB-14', 'with an empty code', set('code', '')),
    rejected('CB-13', 'with both a code and an error', set('error', 'access_denied')),
    rejected('CB-15', 'with a second code', add('code', 'other')),
    rejected('CB-15', 'with a second code before the right one', inFront('code=other')),
    rejected('CB-15', 'with a second state', add('state', 'other')),
    rejected('CB-15', 'with a second state before the right one', inFront('state=other'), unnamed),
    rejected(
      'CB-15',
      'with the same state twice',
      edit((right) => right.append('state', `${right.get('state')}`)),
    ),
    rejected('CB-15', 'with a second issuer', add('iss', 'https://evil.example')),
    rejected('CB-15', 'with two errors', (right) => `${fails('access_denied')(right)}&error=server_error`),
    rejected('CB-20', 'with an access token beside the code', set('access_token', 'x')),
    rejected('CB-20', 'with a forged ID token beside the code', set('id_token', 'eyJhbGciOiJub25lIn0.e30.')),
    rejected('CB-20', 'with a token beside the code', set('token', 'x')),
    expired('CB-21', 'that is packed into a JWT, state and all', () => 'response=eyJhbGciOiJub25lIn0.e30.', {
      ...unnamed,
      reason: /^response_mode_jwt$/,
    }),
    rejected(
      'CB-21',
      'with a signed response that was not requested',
      set('response', 'eyJhbGciOiJub25lIn0.e30.'),
    ),
  ]);
});

describe('the issuer', () => {
  const wrong = (row: string, attack: string, change: Change) =>
    rejected(row, attack, change, { reason: /^iss_(mismatch|missing)$/ });
  const changed = (change: (iss: string) => string) =>
    edit((right) => right.set('iss', change(world.server.issuer)));
  describeAttacks(() => world, 'an authorization response', [
    wrong('CB-16', 'without an issuer from a server that always names it', drop('iss')),
    wrong('CB-16', 'with an empty issuer', set('iss', '')),
    wrong(
      'CB-16',
      'with a slash behind the issuer',
      changed((iss) => `${iss}/`),
    ),
    wrong(
      'CB-16',
      'with the issuer in capitals',
      changed((iss) => iss.toUpperCase()),
    ),
    wrong(
      'CB-16',
      'with https instead of http in the issuer',
      changed((iss) => iss.replace('http:', 'https:')),
    ),
    wrong(
      'CB-16',
      'with another port in the issuer',
      changed((iss) => `${iss}1`),
    ),
    wrong(
      'CB-17',
      'from another server, to which the code would go (mix-up),',
      changed(() => world.other.issuer),
    ),
  ]);
});

describe('size and bytes', () => {
  describeAttacks(() => world, 'an authorization response', [
    rejected('CB-18', 'with a code of 5,000 characters', set('code', 'a'.repeat(5_000))),
    rejected(
      'CB-18',
      'with thirty parameters',
      (right) => `${right}&${Array.from({ length: 27 }, (_, index) => `p${index}=`).join('&')}`,
    ),
    ...['%ff', '%00', '%0d%0aX-Evil:%20y', '%c0%af', '%ed%a0%80', '%1b[31m'].map((bytes) =>
      rejected('CB-19', `with a code that ends in ${bytes}`, (right) =>
        `${right}`.replace(/(code=[^&]+)/, `$1${bytes}`),
      ),
    ),
  ]);

  it('CB-19: a code with & and = in it is one value of the token request, adds no parameter to it, and is rejected by the server', async () => {
    const browser = visitor.browser.copy();
    Object.assign(world.server, {
      user: newUser(),
      fault: { redirect: set('code', 'a&grant_type=password&scope=admin') },
    });
    const trial = { browser, outcome: 'invalid_grant' as const, signedIn: visitor.user, isKept: true };
    await observe(world, trial, () => signIn(world, browser));
  });
});

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
      const choosing = await startWorld((server) => {
        server.metadata = { members: { prompt_values_supported: known } };
        return {};
      });
      try {
        const { browser } = createVisitor(choosing, { redirect: fails('access_denied') });
        const page = await signIn(choosing, browser);
        await browser.follow(linkIn(page, /account=another/), { stopAtCallback: true });
        expect(choosing.server.grants.map(({ request }) => request.get('prompt'))).toEqual([null, prompt]);
      } finally {
        await choosing.close();
      }
    },
  );
});
