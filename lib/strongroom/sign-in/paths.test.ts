import { beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import {
  isProtectedPath,
  problemPath,
  readReturnTo,
  readWantedPage,
  refreshPath,
  signInPath,
  startSignInPath,
} from './paths';
import { redirectTo } from './respond';

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
    ['that refreshes', () => refreshPath(wanted, { rejected: 'AbCdEfGhIjKlMnOp' })],
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

describe('RD-09: below a base path', () => {
  beforeEach(() => useEnvironment({ AUTH_URL: 'https://app.example/portal', BASE_PATH: '/portal' }));

  it.each([
    ['/dashboard/x?q=1#row', '/dashboard/x?q=1#row'],
    ['/portal/dashboard/x', '/dashboard/x'],
    ['/portal', '/'],
    ['/portals', '/portals'],
    ['/../x', '/x'],
    ['/portal/../../x', '/x'],
    ...[
      '/portal//evil.example',
      '/portal/auth/sign-out',
      '/a/..%2fx',
      '/a/%2e%2e%5cx',
      '/portal/..%2f..%2fx',
    ].map((value) => [value, '/dashboard']),
  ])('the page to return to that %s names is %s', (value, page) => {
    expect(readReturnTo(value)).toBe(page);
  });

  it('a redirect leads below it, and one to the authorization server there', () => {
    const leadsTo = (target: string | URL) => redirectTo(target).headers.get('location');
    expect(leadsTo('/')).toBe('https://app.example/portal');
    expect(leadsTo(signInPath({ returnTo: '/dashboard/x' }))).toBe(
      'https://app.example/portal/sign-in?return_to=%2Fdashboard%2Fx',
    );
    expect(leadsTo(new URL('https://issuer.example/a'))).toBe('https://issuer.example/a');
  });

  it('what a page puts into a plain link has it once, and the page to return to does not', () => {
    expect(startSignInPath({ returnTo: '/dashboard/x' })).toBe(
      '/portal/auth/sign-in?return_to=%2Fdashboard%2Fx',
    );
  });

  it.each([
    ['https://app.example/portal/dashboard/x', '/dashboard/x'],
    ['https://app.example/portal', '/'],
    ['https://other.example/portal/dashboard/x', '/dashboard'],
  ])('a sign-in that starts at the server may want %s', (target, page) => {
    const query = new URLSearchParams({ iss: 'https://issuer.example', target_link_uri: target });
    expect(readWantedPage((name) => query.get(name))).toBe(page);
  });
});
