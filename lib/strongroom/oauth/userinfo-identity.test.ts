import { describe, expect, it } from 'vitest';
import { readIdentity } from './userinfo-identity';

const members = { sub: 'id', name: 'name', preferred_username: 'login', picture: 'avatar_url' };
const issuer = 'https://github.example';
const read = (body: unknown) => readIdentity(body, members, issuer);

describe('a user endpoint without OpenID Connect', () => {
  it('names the user by its own members, and a number as its text', () => {
    const body = {
      id: 583_231,
      login: 'octocat',
      name: null,
      avatar_url: 'https://a.example/1',
      plan: 'pro',
    };
    expect(read(body)).toEqual({
      ...body,
      iss: issuer,
      sub: '583231',
      preferred_username: 'octocat',
      picture: 'https://a.example/1',
    });
  });

  it('cannot say what only an ID token can: another issuer, a session, or how the user signed in', () => {
    const forged = {
      iss: 'https://evil.example',
      sub: 'root',
      sid: 's',
      acr: 'high',
      auth_time: 1,
      exp: 9e9,
    };
    const identity = read({ ...forged, id: 7, session_expiry: 9e9 });
    expect(identity).toMatchObject({ iss: issuer, sub: '7' });
    for (const name of ['sid', 'acr', 'auth_time', 'exp', 'session_expiry'])
      expect(identity).not.toHaveProperty(name);
  });

  it.each([
    [null],
    ['octocat'],
    [[]],
    [{}],
    [{ sub: '7' }],
    [{ id: null }],
    [{ id: '' }],
    [{ id: true }],
    [{ id: { a: 1 } }],
    [{ id: 1.5 }],
    [{ id: 2 ** 53 }],
    [{ id: 'a\u0000b' }],
    [{ id: 'x'.repeat(256) }],
  ])('that responds %j names nobody', (body) => expect(read(body)).toBeNull());
});
