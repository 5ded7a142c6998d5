import { beforeEach, describe, expect, it } from 'vitest';
import type { Session, TokenSet } from '../session/session';
import { useEnvironment } from '../testing/environment';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { declareThreeApis } from '../testing/three-apis';
import { viewOf } from './session-view';

beforeEach(() => useEnvironment());

describe('what pages see of a session', () => {
  it('LK-09: holds no token, no id of a session and nothing that leads to one', () => {
    const secrets = {
      id: 'canary-session-id-0123456789',
      providerSessionId: 'canary-sid',
      tokens: buildTokens({
        accessToken: 'canary-access',
        refreshToken: 'canary-refresh',
        idToken: 'canary-id',
        previousRefreshKey: 'canary-key',
        apiTokens: {
          calendar: { accessToken: 'canary-other', expiresAtSec: noonSec, obtainedAtSec: noonSec },
        },
      }),
    };
    const view = viewOf(buildSession(secrets));
    expect(JSON.stringify(view)).not.toContain('canary');
    expect(Object.values(view).filter((value) => typeof value === 'function')).toEqual([]);
  });

  it.each([
    ['https://issuer.example/ada.png', true],
    ['https://pictures.example/ada.png', false],
    [null, false],
  ])('TK-18: has the picture %s only where the policy of the page shows it: %s', (picture, isShown) => {
    const user = { ...buildSession().user, picture };
    expect(viewOf(buildSession({ user })).user.picture).toBe(isShown ? picture : null);
  });

  it('names each permission that is asked for, granted or not', () => {
    const { permissions } = viewOf(buildSession());
    expect(permissions.map(({ scope, isGranted }) => [scope, isGranted])).toEqual([
      ['read:contacts', true],
      ['read:messages', false],
      ['write:messages', false],
      ['offline_access', true],
    ]);
  });

  it('does not say that a permission of another API was granted before that API has a token', () => {
    declareThreeApis();
    const assumed = (changes: Partial<TokenSet>) =>
      viewOf(buildSession({ tokens: buildTokens({ scopes: ['read:contacts', 'read:events'], ...changes }) }))
        .permissions.filter(({ isAssumed }) => isAssumed)
        .map(({ scope }) => scope);
    const calendar = { accessToken: 'a', expiresAtSec: noonSec + 300, obtainedAtSec: noonSec };
    expect(assumed({})).toEqual(['read:events']);
    expect(assumed({ apiTokens: { calendar } })).toEqual([]);
  });

  it.each<[string, Partial<Session>, number]>([
    ['with a refresh token at its absolute end', {}, noonSec + 3_600],
    ['without one with its access token', { tokens: buildTokens({ refreshToken: null }) }, noonSec + 300],
    [
      'without one, and an access token that lasts longer, at its absolute end',
      { tokens: buildTokens({ refreshToken: null, expiresAtSec: noonSec + 9_999 }) },
      noonSec + 3_600,
    ],
  ])('ends %s', (_when, changes, endsAtSec) => {
    expect(viewOf(buildSession(changes)).endsAtSec).toBe(endsAtSec);
  });
});
