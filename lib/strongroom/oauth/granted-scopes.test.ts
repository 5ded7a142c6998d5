import { describe, expect, it } from 'vitest';
import { buildTokens } from '../testing/sessions';
import { addPermission, keepPermissions, readGrantedScopes } from './granted-scopes';
import { isExpired, needsRefresh } from './token-age';

const configured = ['openid', 'profile', 'email', 'offline_access', 'read:contacts', 'write:messages'];

describe('the scopes of a request', () => {
  it('RC-04: for one more permission are the granted ones and that one', () => {
    expect(addPermission(configured, ['openid', 'read:contacts'], 'write:messages')).toEqual([
      'openid',
      'profile',
      'email',
      'read:contacts',
      'write:messages',
    ]);
  });

  it('AZ-09: never contain a permission that is not configured', () => {
    expect(addPermission(configured, [], 'admin')).toEqual(['openid', 'profile', 'email']);
    expect(addPermission(configured, ['admin'], 'write:messages')).not.toContain('admin');
  });
});

describe('RC-06: the scopes of a step-up request', () => {
  it('RFC 9470 §5: are the granted ones, with none on top', () => {
    expect(keepPermissions(configured, ['openid', 'offline_access', 'read:contacts'])).toEqual([
      'openid',
      'profile',
      'email',
      'offline_access',
      'read:contacts',
    ]);
  });

  it('RC-06: contain the identity scopes, and no permission that the user declined', () => {
    expect(keepPermissions(configured, [])).toEqual(['openid', 'profile', 'email']);
    expect(keepPermissions(configured, configured)).toEqual(configured);
  });

  it('AZ-09: never contain a scope that is not configured, granted or not', () => {
    expect(keepPermissions(configured, ['admin', 'write:messages'])).not.toContain('admin');
    expect(keepPermissions(['openid'], ['profile', 'read:contacts'])).toEqual(['openid']);
  });
});

describe('the scopes that a response grants', () => {
  const granted = (scopes: string[] | null, refreshToken: string | null = 'r') =>
    readGrantedScopes({ scopes, refreshToken }, configured);

  it('TK-13: a response without scope grants what was requested', () => {
    expect(granted(null)).toEqual(configured);
  });

  it.each([
    [['api://contacts/Contacts.Read'], true],
    [['api://contacts.example/Contacts.Read'], false],
    [['api://calendar/Events.Read'], false],
    [['.default'], false],
    [null, true],
  ])('TK-13: %j for api://contacts/.default is a permission of that API: %s', (scopes, isGranted) => {
    const scope = 'api://contacts/.default';
    expect(readGrantedScopes({ scopes, refreshToken: 'r' }, [scope])).toEqual(isGranted ? [scope] : []);
  });

  it('TK-13: with fewer scopes are fewer permissions; identity scopes stay', () => {
    expect(granted(['read:contacts'])).toEqual([
      'openid',
      'profile',
      'email',
      'offline_access',
      'read:contacts',
    ]);
    expect(granted([])).toEqual(['openid', 'profile', 'email', 'offline_access']);
  });

  it('TK-13, RF-11: are never more than were requested', () => {
    expect(granted(['read:contacts', 'admin'])).not.toContain('admin');
  });

  it('TK-14: offline_access is granted exactly when there is a refresh token', () => {
    expect(granted(['offline_access'], null)).not.toContain('offline_access');
    expect(granted([])).toContain('offline_access');
  });
});

describe('the age of a token', () => {
  const tokens = buildTokens({ obtainedAtSec: 1_000, expiresAtSec: 1_300 });

  it('RF-01: it is replaced within its last 30 seconds', () => {
    expect(needsRefresh(tokens, 1_269, 0)).toBe(false);
    expect(needsRefresh(tokens, 1_270, 0)).toBe(true);
  });

  it('RF-18: jitter spreads the moment over at most five seconds', () => {
    expect(needsRefresh(tokens, 1_265, 1)).toBe(true);
    expect(needsRefresh(tokens, 1_264, 1)).toBe(false);
  });

  it('RF-17: a token of a few seconds is used before it is replaced', () => {
    const short = buildTokens({ obtainedAtSec: 1_000, expiresAtSec: 1_005 });
    expect(needsRefresh(short, 1_000, 1)).toBe(false);
    expect(needsRefresh(short, 1_004, 0)).toBe(true);
  });

  it('RF-17: a token that expires before it was issued is due and expired, not an error', () => {
    const broken = buildTokens({ obtainedAtSec: 1_000, expiresAtSec: 900 });
    expect([needsRefresh(broken, 1_000), isExpired(broken, 1_000)]).toEqual([true, true]);
  });

  it('TK-14: it is expired from its expiry on', () => {
    expect([isExpired(tokens, 1_299), isExpired(tokens, 1_300)]).toEqual([false, true]);
  });
});
