/** The search for leaks finds what it must: a test that could not fail would prove nothing. */
import { expect, it } from 'vitest';
import { describeToken, findLeaks } from '../support/leaks.ts';

const token = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"usr_1","n":"\u00e9~?"}').toString('base64url')}.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw-_x`;
const secrets = describeToken('access token', token);
const bytes = Buffer.from(token);

it.each([
  ['raw', token],
  ['percent-encoded', encodeURIComponent(token)],
  ['inside JSON', JSON.stringify({ token })],
  ['reversed', [...token].reverse().join('')],
  ['hexadecimal', bytes.toString('hex')],
  ['upper-case hexadecimal', bytes.toString('hex').toUpperCase()],
  ['base64', bytes.toString('base64')],
  ['base64url', bytes.toString('base64url')],
  ['base64 inside something else, one byte on', Buffer.from(`x${token}yz`).toString('base64')],
  ['base64 inside something else, two bytes on', Buffer.from(`xx${token}z`).toString('base64')],
  ['only its payload', token.split('.')[1] ?? ''],
  ['only its signature', token.split('.')[2] ?? ''],
])('finds a token that leaked %s', (_, leaked) => {
  expect(findLeaks(`<p>before</p>${leaked}<p>after</p>`, secrets)).not.toEqual([]);
});

it('finds nothing where nothing is', () => {
  expect(findLeaks(`<p>${token.slice(0, 20)}</p> eyJhbGciOiJSUzI1NiJ9`, secrets)).toEqual([]);
});
