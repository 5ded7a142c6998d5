import { beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import {
  isProtectedPath,
  problemPath,
  readReturnTo,
  refreshPath,
  signInPath,
  startSignInPath,
} from './paths';

beforeEach(() => useEnvironment());

const wanted = '/dashboard/contacts?q=a&page=2#row';

describe('addresses around signing in', () => {
  it('the address of the sign-in page carries the wanted page, unless it is the default one', () => {
    expect(signInPath({ returnTo: wanted, reason: 'idle' })).toBe(
      '/sign-in?return_to=%2Fdashboard%2Fcontacts%3Fq%3Da%26page%3D2%23row&reason=idle',
    );
    expect(signInPath({ returnTo: '/dashboard' })).toBe('/sign-in');
  });

  it.each([
    ['that asks to sign in', () => signInPath({ returnTo: wanted })],
    ['that starts', () => startSignInPath({ returnTo: wanted, permission: 'write:messages' })],
    ['that refreshes', () => refreshPath(wanted, 'AbCdEfGhIjKlMnOp')],
    [
      'of a problem',
      () => problemPath({ code: 'access_denied', reference: '7KXM-Q2DZ' }, { returnTo: wanted }),
    ],
  ])(
    'AZ-05: the address %s hides no parameter in the wanted page, and gives it back whole',
    (_which, build) => {
      const { searchParams } = new URL(build(), 'https://app.example');
      expect(readReturnTo(searchParams.get('return_to'))).toBe(wanted);
      expect(searchParams.has('page')).toBe(false);
    },
  );

  it('RC-06: the address of a problem carries everything that another try asks for again', () => {
    const asked = {
      returnTo: wanted,
      permission: 'write:messages',
      stepUp: 'sealed',
      otherAccount: 'sealed-2',
    };
    const problem = { code: 'access_denied', reference: '7KXM-Q2DZ', waitSec: 0 } as const;
    const path = problemPath(problem, { ...asked, parameters: { connection: 'google' } });
    expect(Object.fromEntries(new URL(path, 'https://app.example').searchParams)).toEqual({
      connection: 'google',
      code: 'access_denied',
      ref: '7KXM-Q2DZ',
      wait: '0',
      return_to: wanted,
      permission: 'write:messages',
      step_up: 'sealed',
      other_account: 'sealed-2',
    });
  });

  it('CB-12: a problem’s address holds our own code and reference, and nothing else', () => {
    const path = problemPath({ code: 'transaction_expired', reference: '7KXM-Q2DZ' });
    expect(path).toBe('/sign-in/problem?code=transaction_expired&ref=7KXM-Q2DZ');
  });
});

describe('protected paths', () => {
  it.each(['/dashboard', '/dashboard/', '/dashboard/contacts/1', '/dashboard/x.css'])(
    '%s is protected',
    (path) => {
      expect(isProtectedPath(path)).toBe(true);
    },
  );

  it.each(['/', '/sign-in', '/dashboards', '/Dashboard', '/x/dashboard', '/signed-out'])(
    '%s is not protected by the proxy',
    (path) => {
      expect(isProtectedPath(path)).toBe(false);
    },
  );
});
