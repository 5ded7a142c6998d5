/** Which APIs a sign-in asks for, and what it leaves out where the server does not know an audience. */
import { beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { allScopes, audiences, declareThreeApis } from '../testing/three-apis';
import { leaveOutNext, listMoreTargets, nameTargets } from './requested-targets';

beforeEach(() => declareThreeApis());

const request = () => new URL(`https://issuer.example/authorize?resource=${audiences.main}`);
const resourcesOf = (url: URL) => url.searchParams.getAll('resource');
const scopesOf = (url: URL) => url.searchParams.get('scope')?.split(' ');

describe('a request', () => {
  it('AZ-10: names each API of which it wants a scope, and the first one first', () => {
    const { main, calendar, files } = audiences;
    expect(resourcesOf(nameTargets(request(), allScopes))).toEqual([main, calendar, files]);
    expect(resourcesOf(nameTargets(request(), ['openid', 'read:events']))).toEqual([main, calendar]);
    expect(scopesOf(nameTargets(request(), allScopes))).toEqual(allScopes);
  });

  it('AZ-10: without an API has none of its scopes, and all others', () => {
    const url = nameTargets(request(), allScopes, ['files']);
    expect(resourcesOf(url)).toEqual([audiences.main, audiences.calendar]);
    expect(scopesOf(url)).toEqual(allScopes.filter((scope) => !scope.endsWith(':files')));
  });

  it.each(['audience', 'scope', 'none'])('AZ-10: names no other API with AUTH_AUDIENCE_AS=%s', (as) => {
    declareThreeApis({ AUTH_AUDIENCE_AS: as });
    expect(listMoreTargets(allScopes)).toEqual([]);
    expect(leaveOutNext(allScopes, [])).toBeNull();
  });
});

/** What is left out, one try after the other. */
function tryAll(scopes: readonly string[]): (readonly string[])[] {
  const tries: (readonly string[])[] = [];
  for (let next = leaveOutNext(scopes, []); next !== null; next = leaveOutNext(scopes, next))
    tries.push(next);
  return tries;
}

describe('after a rejected audience', () => {
  it('AZ-10: each API is left out alone, and then all of them', () => {
    expect(tryAll(allScopes)).toEqual([['calendar'], ['files'], ['calendar', 'files']]);
    expect(tryAll(['openid', 'read:events'])).toEqual([['calendar']]);
    expect(tryAll(['openid'])).toEqual([]);
  });

  it('AZ-10: a browser is not sent around for each of many APIs', () => {
    const names = Array.from({ length: 9 }, (_, index) => `api${index}`);
    const others = names.map((name) => [
      name,
      { baseUrl: 'API_BASE_URL', audience: `https://${name}.example` },
    ]);
    useEnvironment(
      { AUTH_AUDIENCE: audiences.main },
      { apis: { main: { baseUrl: 'API_BASE_URL' }, ...Object.fromEntries(others) } },
    );
    expect(tryAll(['openid'])).toEqual([names]);
  });

  it.each([[['unknown']], [['files', 'calendar']]])(
    'AZ-10: what another version left out (%j) is not gone on from',
    (before) => {
      expect(leaveOutNext(allScopes, before)).toBeNull();
    },
  );
});
