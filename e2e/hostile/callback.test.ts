/** The way back, when what comes back is not what was sent: wrong, repeated, injected, too much, or in another browser. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Attack, describeAttacks, newPerson, type Resident, settle } from './attacks.ts';
import { marker } from './invariants.ts';
import { signIn } from './journey.ts';
import type { OutcomeName } from './outcomes.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let resident: Resident;
beforeAll(async () => {
  world = await startWorld();
  resident = await settle(world);
});
afterAll(() => world?.close());

type Change = (right: URLSearchParams) => URLSearchParams | string;

/** Rejected before anything is sent to the token endpoint. */
const rejected = (
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
/** In front of the right query. */
const inFront =
  (text: string): Change =>
  (right) =>
    `${text}&${right}`;
const fails = (error: string, more: Record<string, string> = {}) =>
  edit((right) => {
    right.delete('code');
    for (const [name, value] of Object.entries({ error, ...more })) right.set(name, value);
  });
/** A state that names no sign-in of this browser: the one that was begun stays open. */
const unnamed = { openTransactions: 1 };

describe('state', () => {
  describeAttacks(
    () => world,
    [
      { row: 'CB-01', attack: 'an answer that is right', outcome: 'U-OK' },
      rejected('CB-02', 'none', 'U-RESTART', drop('state'), unnamed),
      rejected(
        'CB-03',
        'longer by a character',
        'U-RESTART',
        edit((right) => right.set('state', `${right.get('state')}x`)),
        unnamed,
      ),
      rejected('CB-03', 'empty', 'U-RESTART', set('state', ''), unnamed),
      rejected(
        'CB-03',
        'in other letters',
        'U-RESTART',
        edit((right) => right.set('state', `${right.get('state')}`.replace(/^./, '\u0430'))),
        unnamed,
      ),
      rejected(
        'CB-03',
        'with a NUL',
        'U-REJECT',
        edit((right) => right.set('state', `${right.get('state')}\0`)),
        unnamed,
      ),
      rejected('CB-03', 'of 3,000 characters', 'U-REJECT', set('state', 'a'.repeat(3_000)), unnamed),
      rejected(
        'CB-03',
        'that looks right and is nobody’s',
        'U-RESTART',
        set('state', 'A'.repeat(22)),
        unnamed,
      ),
      rejected('CB-14', 'and nothing else', 'U-RESTART', drop('code')),
      rejected('CB-14', 'and an empty code', 'U-RESTART', set('code', '')),
    ],
  );
});

describe('what does not belong together', () => {
  describeAttacks(
    () => world,
    [
      rejected('CB-13', 'a code and an error', 'U-REJECT', set('error', 'access_denied')),
      rejected('CB-15', 'a second code', 'U-REJECT', add('code', 'other')),
      rejected('CB-15', 'a second code before the right one', 'U-REJECT', inFront('code=other')),
      rejected('CB-15', 'a second state', 'U-REJECT', add('state', 'other')),
      rejected('CB-15', 'a second state before the right one', 'U-REJECT', inFront('state=other'), unnamed),
      rejected(
        'CB-15',
        'the same state twice',
        'U-REJECT',
        edit((right) => right.append('state', `${right.get('state')}`)),
      ),
      rejected('CB-15', 'a second issuer', 'U-REJECT', add('iss', 'https://evil.example')),
      rejected(
        'CB-15',
        'two errors',
        'U-REJECT',
        (right) => `${fails('access_denied')(right)}&error=server_error`,
      ),
      rejected('CB-20', 'an access token beside the code', 'U-REJECT', set('access_token', 'x')),
      rejected(
        'CB-20',
        'a forged ID token beside the code',
        'U-REJECT',
        set('id_token', 'eyJhbGciOiJub25lIn0.e30.'),
      ),
      rejected('CB-20', 'a token beside the code', 'U-REJECT', set('token', 'x')),
      rejected(
        'CB-21',
        'a signed answer that nobody asked for',
        'U-REJECT',
        set('response', 'eyJhbGciOiJub25lIn0.e30.'),
      ),
    ],
  );
});

describe('the issuer of the answer', () => {
  const wrong = (attack: string, change: Change, row = 'CB-16') =>
    rejected(row, attack, 'U-REJECT', change, { reason: /^iss_(mismatch|missing)$/ });
  const changed = (change: (iss: string) => string) =>
    edit((right) => right.set('iss', change(world.server.issuer)));
  describeAttacks(
    () => world,
    [
      wrong('none, from a server that always says it', drop('iss')),
      wrong('empty', set('iss', '')),
      wrong(
        'with a slash behind it',
        changed((iss) => `${iss}/`),
      ),
      wrong(
        'in capitals',
        changed((iss) => iss.toUpperCase()),
      ),
      wrong(
        'with https',
        changed((iss) => iss.replace('http:', 'https:')),
      ),
      wrong(
        'at another port',
        changed((iss) => `${iss}1`),
      ),
      wrong(
        'another server, to which the code would go (mix-up)',
        changed(() => world.other.issuer),
        'CB-17',
      ),
    ],
  );
});

describe('size and bytes', () => {
  describeAttacks(
    () => world,
    [
      rejected('CB-18', 'a code of 5,000 characters', 'U-REJECT', set('code', 'a'.repeat(5_000))),
      rejected(
        'CB-18',
        'thirty parameters',
        'U-REJECT',
        (right) => `${right}&${Array.from({ length: 27 }, (_, index) => `p${index}=`).join('&')}`,
      ),
      ...['%ff', '%00', '%0d%0aX-Evil:%20y', '%c0%af', '%ed%a0%80', '%1b[31m'].map((bytes) =>
        rejected('CB-19', `a code that ends in ${bytes}`, 'U-REJECT', (right) =>
          `${right}`.replace(/(code=[^&]+)/, `$1${bytes}`),
        ),
      ),
    ],
  );

  it('CB-19: a code with & and = in it is one value of the token request: rejected there, and adds nothing', async () => {
    const browser = resident.browser.copy();
    Object.assign(world.server, {
      person: newPerson(),
      fault: { redirect: set('code', 'a&grant_type=password&scope=admin') },
    });
    const trial = { browser, outcome: 'U-RESTART' as const, signedIn: resident.person, isKept: true };
    await observe(world, trial, () => signIn(world, browser));
  });
});

describe('errors', () => {
  const outcomeOf: [OutcomeName, string[]][] = [
    ['U-CANCEL', ['access_denied']],
    ['U-ASDOWN', ['server_error', 'temporarily_unavailable']],
    [
      'U-INTERACT',
      ['login_required', 'interaction_required', 'account_selection_required', 'consent_required'],
    ],
    ['U-STRONGER', ['unmet_authentication_requirements']],
    [
      'U-CONFIG',
      [
        'invalid_request',
        'unauthorized_client',
        'unsupported_response_type',
        'invalid_scope',
        'invalid_request_object',
        'request_not_supported',
        'invalid_target',
      ],
    ],
    ['U-RESTART', ['invalid_request_uri']],
    ['U-REJECT', ['unheard_of', '', 'constructor', '__proto__']],
  ];
  const bad: Record<string, string> = {
    'a script': '<script>alert(1)</script>x-marker',
    'a tag that never closes': '"><img src=x onerror=alert(1)>x-marker',
    'a template': '{{7*7}}x-marker',
    'escapes of a terminal': '\u001b[31mx-marker',
    'line breaks': 'x-marker\r\nSet-Cookie: a=b',
    'text that runs backwards': '\u202ex-marker',
    'our marker': `${marker}x-marker`,
  };
  describeAttacks(
    () => world,
    [
      ...outcomeOf.flatMap(([outcome, errors]) =>
        errors.map((error) =>
          rejected(error === 'access_denied' ? 'CB-09' : 'CB-10', `"${error}"`, outcome, fails(error)),
        ),
      ),
      ...Object.entries(bad).map(([name, text]) =>
        rejected(
          'CB-12',
          `described with ${name}`,
          /\p{Cc}/u.test(text) ? 'U-REJECT' : 'U-CANCEL',
          fails('access_denied', { error_description: text, error_uri: 'javascript:alert(1)//x-marker' }),
        ),
      ),
      rejected('CB-12', 'that is our marker', 'U-REJECT', fails(`${marker}x-marker`)),
      rejected(
        'CB-11',
        'with a state of nobody',
        'U-RESTART',
        (right) => set('state', 'A'.repeat(22))(fails('access_denied')(right)),
        unnamed,
      ),
      rejected(
        'CB-11',
        'without a state',
        'U-RESTART',
        (right) => drop('state')(fails('access_denied')(right)),
        unnamed,
      ),
    ],
  );

  it('CB-12: nothing of what came with an error was printed', () => {
    expect(world.app.lines.join('\n')).not.toContain('x-marker');
  });
});
