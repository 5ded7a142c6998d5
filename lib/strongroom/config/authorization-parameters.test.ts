import { describe, expect, it } from 'vitest';
import {
  mergeParameters,
  ownParameters,
  parseFixedParameters,
  parseParameterNames,
  readLinkParameters,
} from './authorization-parameters';

describe('fixed parameters', () => {
  it('are read like a query', () => {
    const expected = { access_type: 'offline', prompt: 'select_account consent' };
    expect(parseFixedParameters('access_type=offline&prompt=select_account+consent')).toEqual(expected);
  });

  it.each([
    ...['state', 'redirect_uri', 'scope', 'nonce', 'client_id', 'code_challenge', 'response_type', 'request'],
    ...ownParameters,
    ...['request_uri', 'response_mode', 'STATE', 'max_age', 'claims', 'resource', 'x y', '', '__proto__'],
  ])('AZ-05: never set %j', (name) => {
    expect(parseFixedParameters(`a=b&${encodeURIComponent(name)}=x`)).toContain('must not set');
    expect(parseParameterNames(`login_hint ${name}`)).toEqual(
      ['x y', ''].includes(name) ? expect.anything() : expect.stringContaining('must not contain'),
    );
  });

  it.each(['prompt=none', 'prompt=login+none', 'prompt=', 'a=%00', `a=${'x'.repeat(513)}`])(
    'AZ-12: %.20s is no value that may be sent',
    (text) => {
      expect(parseFixedParameters(text)).toContain('may not be sent');
    },
  );

  it('name each parameter once', () => {
    expect(parseFixedParameters('a=1&a=2')).toBe('names a parameter twice');
  });
});

describe('parameters of a link', () => {
  const read = (query: string) => {
    const parameters = new URLSearchParams(query);
    return readLinkParameters(['prompt', 'connection'], (name) => parameters.get(name));
  };

  it('are those of the list, and no others', () => {
    expect(read('connection=google&state=x&organization=o')).toEqual({ connection: 'google' });
  });

  it.each(['prompt=none', 'prompt=<b>', 'connection=%0d%0a', `connection=${'x'.repeat(513)}`])(
    'AZ-12: %.20s is left out',
    (query) => {
      expect(read(query)).toEqual({});
    },
  );
});

it('of several sources the last one wins, and every prompt is asked for', () => {
  const merged = mergeParameters({ a: '1', prompt: 'consent' }, { a: '2' }, { prompt: 'login consent' });
  expect(merged).toEqual({ a: '2', prompt: 'consent login' });
});
