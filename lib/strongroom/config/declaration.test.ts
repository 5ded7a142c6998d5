import { beforeEach, describe, expect, it } from 'vitest';
import { testDeclaration } from '../testing/declaration';
import { useEnvironment } from '../testing/environment';
import { getConfig } from './config';
import { type Declaration, getDeclaration, setDeclaration } from './declaration';
import { listDeclarationProblems } from './declaration-schema';

beforeEach(() => useEnvironment());

function forgetDeclaration(): void {
  delete (globalThis as { [key: symbol]: unknown })[Symbol.for('strongroom.declaration')];
}

describe('the declaration of the adopter', () => {
  it('OP-01: that is missing is named in the error', () => {
    forgetDeclaration();
    expect(() => getDeclaration()).toThrow(/configuration_invalid: declaration_missing/);
    setDeclaration(testDeclaration);
    expect(getDeclaration()).toEqual(testDeclaration);
  });

  it('has a default in place of what is left out', () => {
    const small = { productName: 'Ledger', protectedPaths: ['/account'], apis: testDeclaration.apis };
    setDeclaration(small);
    expect(getDeclaration()).toEqual({
      ...{ ...small, permissions: [], claims: [], pendingActions: [] },
      paths: {
        ...{ home: '/', afterSignIn: '/', session: '/' },
        ...{ signIn: '/auth/please-sign-in', problem: '/auth/problem', signedOut: '/auth/signed-out' },
      },
    });
    setDeclaration({ ...small, paths: { afterSignIn: '/account', problem: '/oops' } });
    expect(getDeclaration().paths).toMatchObject({ home: '/', session: '/account', problem: '/oops' });
  });

  it('AZ-09: decides the requested scopes: its permissions, the identity scopes and a refresh token', () => {
    const permissions = [{ scope: 'read:invoices', title: 'Read', detail: 'Them.' }];
    useEnvironment({}, { permissions });
    expect(getConfig().scopes.join(' ')).toBe('openid profile email offline_access read:invoices');
    useEnvironment({ AUTH_SCOPES: 'openid' }, { permissions });
    expect(getConfig().scopes).toEqual(['openid']);
  });

  it('OP-01: names the variable that holds the address of its API', () => {
    useEnvironment(
      { INVOICES_URL: 'https://invoices.example/' },
      { apis: { main: { baseUrl: 'INVOICES_URL' } } },
    );
    expect(getConfig().apiBaseUrl).toBe('https://invoices.example');
  });

  it.each<[string, Partial<Record<keyof Declaration, unknown>>, RegExp]>([
    ['a name that is empty', { productName: ' ' }, /productName/],
    ['no list of paths', { protectedPaths: undefined }, /^The declaration’s protectedPaths is missing$/],
    ['a claim that is a number', { claims: [7] }, /^The declaration’s claims.0 is of the wrong type/],
    ['eleven claims', { claims: Array(11).fill('a') }, /^The declaration’s claims is longer than 10$/],
    ['no role at all', { roles: { claim: 'roles', names: [] } }, /roles.names needs at least 1$/],
    [
      'an API in capitals',
      { apis: { Main: { baseUrl: 'API_BASE_URL' } } },
      /^The declaration’s apis.Main must be one word/,
    ],
    ['a path elsewhere', { paths: { ...testDeclaration.paths, signIn: 'https://evil.example' } }, /signIn/],
    ['a path of another host', { protectedPaths: ['//evil.example'] }, /protectedPaths/],
    ['a scope with a space', { permissions: [{ scope: 'a b', title: 'A', detail: 'B' }] }, /scope/],
    ['no API', { apis: {} }, /apis must name an API/],
    [
      'an audience of the first API',
      { apis: { main: { baseUrl: 'API_BASE_URL', audience: 'API_AUDIENCE' } } },
      /apis must have the first API without audience/,
    ],
    [
      'a scope of an API that is no permission',
      { apis: { ...testDeclaration.apis, other: { baseUrl: 'OTHER_URL', scopes: ['read:things'] } } },
      /apis.other.scopes has read:things, which is no declared permission/,
    ],
    ['a pending action of two words', { pendingActions: ['pay invoice'] }, /pendingActions/],
  ])('OP-01: %s is rejected with a sentence', (_what, changes, problem) => {
    expect(listDeclarationProblems({ ...testDeclaration, ...changes }).join('\n')).toMatch(problem);
    const broken = { ...testDeclaration, ...changes } as Declaration;
    expect(() => setDeclaration(broken)).toThrow(/configuration_invalid: declaration/);
  });

  it('OP-01: with several mistakes has a sentence for each', () => {
    const wrong = { productName: '', protectedPaths: ['account'], claims: 'roles' };
    expect(listDeclarationProblems({ ...testDeclaration, ...wrong })).toEqual([
      'The declaration’s productName is empty',
      'The declaration’s protectedPaths.0 must be a path of this site that starts with one slash',
      'The declaration’s claims is of the wrong type: the type Declaration of strongroom has the shape',
    ]);
  });

  it('OP-01: that is not there at all is said to be missing', () => {
    expect(listDeclarationProblems(undefined)).toEqual(['The declaration is missing']);
  });
});
