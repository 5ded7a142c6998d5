import { describe, expect, it } from 'vitest';
import { createClientKey, writeKeySet } from '../testing/client-keys';
import { testDeclaration } from '../testing/declaration';
import { goodEnvironment } from '../testing/environment';
import { chooseAuthentication } from './client-authentication';
import { parseConfig } from './parse-config';

const { AUTH_CLIENT_SECRET = '', ...withoutSecret } = goodEnvironment;
const secret = { AUTH_CLIENT_SECRET };
const keys = { AUTH_CLIENT_KEYS: writeKeySet(createClientKey()) };
const file = { AUTH_CLIENT_ASSERTION_FILE: '/var/run/secrets/token' };

type Changes = Readonly<Record<string, string>>;

const parse = (changes: Changes) => parseConfig({ ...withoutSecret, ...changes }, testDeclaration);

function choose(changes: Changes, offered?: readonly string[]): string {
  const parsed = parse(changes);
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return chooseAuthentication(parsed.config, offered);
}

describe('the way to authenticate that is chosen', () => {
  it.each<[Changes, readonly string[] | undefined, string]>([
    [secret, undefined, 'client_secret_basic'],
    [secret, ['client_secret_post', 'client_secret_basic'], 'client_secret_basic'],
    [secret, ['client_secret_post', 'client_secret_jwt'], 'client_secret_post'],
    [secret, ['client_secret_jwt', 'private_key_jwt'], 'client_secret_jwt'],
    // Not all metadata are true, and this is what was sent before anything was chosen.
    [secret, ['tls_client_auth'], 'client_secret_basic'],
    [secret, [], 'client_secret_basic'],
    [{ ...secret, ...keys }, ['client_secret_basic', 'private_key_jwt'], 'private_key_jwt'],
    [keys, undefined, 'private_key_jwt'],
    [{ ...secret, ...keys, ...file }, undefined, 'assertion_file'],
    [{ ...keys, AUTH_CLIENT_SECRET: '' }, undefined, 'private_key_jwt'],
  ])('CA-01: with %o and the metadata %o is %s', (changes, offered, expected) => {
    expect(choose(changes, offered)).toBe(expected);
  });

  it.each([
    'client_secret_basic',
    'client_secret_basic_encoded',
    'client_secret_post',
    'client_secret_jwt',
    'private_key_jwt',
    'assertion_file',
    'none',
  ])('CA-01: is the configured one, %s, whatever the metadata say', (AUTH_CLIENT_AUTH) => {
    const all = { ...secret, ...keys, ...file, AUTH_CLIENT_AUTH };
    expect(choose(all, ['client_secret_post'])).toBe(AUTH_CLIENT_AUTH);
  });

  it('CA-01: is without credentials only where that is asked for', () => {
    expect(choose({ AUTH_CLIENT_AUTH: 'none' }, ['none'])).toBe('none');
    expect(choose(secret, ['none'])).toBe('client_secret_basic');
  });
});

describe('a client', () => {
  it.each<[what: string, Changes, variable: string, problem: RegExp]>([
    [
      'without any credentials',
      {},
      'AUTH_CLIENT_SECRET',
      /AUTH_CLIENT_KEYS.*ASSERTION_FILE.*AUTH_CLIENT_AUTH=none/,
    ],
    [
      'for whose way there is no secret',
      { ...keys, AUTH_CLIENT_AUTH: 'client_secret_jwt' },
      'AUTH_CLIENT_SECRET',
      /needs it/,
    ],
    [
      'for whose way there is no key',
      { ...secret, AUTH_CLIENT_AUTH: 'private_key_jwt' },
      'AUTH_CLIENT_KEYS',
      /npm run keys/,
    ],
    [
      'for whose way there is no file',
      { ...keys, AUTH_CLIENT_AUTH: 'assertion_file' },
      'AUTH_CLIENT_ASSERTION_FILE',
      /needs it/,
    ],
    [
      'with a colon in its id and a secret',
      { ...secret, AUTH_CLIENT_ID: 'a:b' },
      'AUTH_CLIENT_AUTH',
      /colon/,
    ],
  ])('OP-01: %s does not start, and learns what to set', (_, changes, variable, problem) => {
    const parsed = parse(changes);
    expect(parsed).toMatchObject({ kind: 'problems', problems: [{ variable }] });
    expect(parsed.kind === 'problems' && parsed.problems[0]?.problem).toMatch(problem);
  });

  it('with a colon in its id starts with keys, and with the other ways to send a secret', () => {
    const AUTH_CLIENT_ID = 'https://app.example';
    expect(choose({ ...keys, AUTH_CLIENT_ID })).toBe('private_key_jwt');
    const post = { ...secret, AUTH_CLIENT_ID, AUTH_CLIENT_AUTH: 'client_secret_post' };
    expect(choose(post)).toBe('client_secret_post');
  });
});
