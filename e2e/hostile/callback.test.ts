/** Authorization responses that are wrong, repeated, injected or too large. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { describeAttacks, newUser, signInVisitor, type Visitor } from './attacks.ts';
import { borrowWorld } from './borrowed-world.ts';
import {
  add,
  type Change,
  drop,
  edit,
  expired,
  fails,
  inFront,
  rejected,
  set,
  unnamed,
} from './callback-attacks.ts';
import { signIn } from './journey.ts';
import { observe } from './trial.ts';
import type { World } from './world.ts';

let world: World;
let visitor: Visitor;
beforeAll(async () => {
  world = await borrowWorld();
  visitor = await signInVisitor(world);
});
afterAll(() => world?.close());

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
