import { describe, expect, it } from 'vitest';
import { buildSession, buildTokens } from '../testing/sessions';
import { isSameUser, parseSession, parseTokenSet } from './session';

const session = buildSession();

describe('the session in unsealed data', () => {
  it('is read completely', () => {
    expect(parseSession(session)).toEqual(session);
  });

  it('CK-11: is read without tokens when the store has them', () => {
    expect(parseSession({ ...session, tokens: null })).toEqual({ ...session, tokens: null });
  });

  const added = [
    'predecessors',
    'claims',
    'roles',
    'tokenReplacedAtSec',
    'apiTokensReplacedAtSec',
    'binding',
  ];
  it.each(Object.keys(session).filter((field) => !added.includes(field)))(
    'CK-05: is null without "%s": an older format means signed out',
    (field) => {
      expect(parseSession({ ...session, [field]: undefined })).toBeNull();
    },
  );

  it.each(Object.keys(session.user))('CK-05: is null without "%s" of the user', (field) => {
    expect(parseSession({ ...session, user: { ...session.user, [field]: undefined } })).toBeNull();
  });

  const addedToTokens = ['apiTokens', 'refreshes', 'dpopKey'];
  const tokenFields = Object.keys(session.tokens).filter((field) => !addedToTokens.includes(field));
  it.each(tokenFields)('CK-05: is null without "%s" of the tokens', (field) => {
    expect(parseSession({ ...session, tokens: { ...session.tokens, [field]: undefined } })).toBeNull();
  });

  it('CK-05: is read without targets, which a version before this one did not seal: an update signs no user out', () => {
    const calendar = { accessToken: 'a', expiresAtSec: 2, obtainedAtSec: 1 };
    const tokens = { ...session.tokens, apiTokens: { calendar } };
    expect(parseSession({ ...session, tokens })?.tokens).toEqual(tokens);
    const named = {
      ...tokens,
      target: 'main-123',
      apiTokens: { calendar: { ...calendar, target: 'cal-1234' } },
    };
    expect(parseSession({ ...session, tokens: named })?.tokens).toEqual(named);
  });

  it('has bearer tokens where it was sealed before there was DPoP', () => {
    const older = { ...session, tokens: { ...session.tokens, dpopKey: undefined } };
    expect(parseSession(older)?.tokens?.dpopKey).toBeNull();
  });

  it.each([
    ['endsAtSec', 1e300],
    ['endsAtSec', 'tomorrow'],
    ['endsAtSec', Number.POSITIVE_INFINITY],
    ['id', 'short'],
    ['user', []],
    ['tokens', {}],
  ])('CK-05: is null when %s is %j', (field, value) => {
    expect(parseSession({ ...session, [field]: value })).toBeNull();
  });

  it.each([[null], [undefined], [{}], [[]], ['text'], [7], [JSON.parse('{"__proto__":{"id":"x"}}')]])(
    'SE-16: %j is no session',
    (data) => {
      expect(parseSession(data)).toBeNull();
    },
  );

  it('drops fields that a session does not have', () => {
    expect(parseSession({ ...session, isAdmin: true })).toEqual(session);
  });
});

describe('a token set', () => {
  it('is read, or null', () => {
    expect(parseTokenSet(buildTokens())).toEqual(buildTokens());
    expect(parseTokenSet({ ...buildTokens(), accessToken: '' })).toBeNull();
    expect(parseTokenSet(null)).toBeNull();
  });
});

describe('the identity', () => {
  it('TK-19: is issuer and subject, never the e-mail address', () => {
    const { user } = session;
    expect(isSameUser(user, { ...user, email: 'new@example.test', name: 'New' })).toBe(true);
    expect(isSameUser(user, { ...user, subject: 'user-2' })).toBe(false);
    expect(isSameUser(user, { ...user, issuer: 'https://other.example' })).toBe(false);
  });
});
