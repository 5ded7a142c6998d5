/**
 * Arbitrary callback queries against a second parser, which knows nothing of URLSearchParams. CB-02, CB-03,
 * CB-15, CB-16, CB-18, CB-19
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budget } from '../testing/fuzz-budget';
import { findQueryFault, validateAuthorizationResponse } from './authorization-response';

const issuer = 'https://issuer.example';
const state = 'a1B2c3D4e5F6g7H8i9J0kL';
const good = `code=abc&state=${state}&iss=${encodeURIComponent(issuer)}`;

/** @returns the parameters, decoded strictly, or null when they are malformed. @see WHATWG URL §5.1 */
function parseStrictly(query: string): [string, string][] | null {
  const parameters: [string, string][] = [];
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const at = pair.indexOf('=');
    const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    const [readName, readValue] = [decodeStrictly(name), decodeStrictly(value)];
    if (readName === null || readValue === null) return null;
    parameters.push([readName, readValue]);
  }
  return parameters;
}

function decodeStrictly(text: string): string | null {
  const bytes: number[] = [];
  const rest = [...Buffer.from(text)];
  for (let byte = rest.shift(); byte !== undefined; byte = rest.shift()) {
    const hex = byte === 0x25 ? String.fromCharCode(...rest.splice(0, 2)) : null;
    if (hex !== null && !/^[0-9a-f]{2}$/i.test(hex)) return null;
    bytes.push(hex === null ? byte : Number.parseInt(hex, 16));
    if (byte === 0x2b) bytes[bytes.length - 1] = 0x20;
  }
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
    return /[\p{Cc}\ufffd]/u.test(decoded) ? null : decoded;
  } catch {
    return null;
  }
}

const names = [
  'code',
  'state',
  'iss',
  'error',
  'response',
  'id_token',
  'STATE',
  'state[]',
  'sta%74e',
  'c%6Fde',
  '%63ode',
];
const values = [
  ...[
    '',
    'abc',
    state,
    state.slice(1),
    `${state}x`,
    state.toLowerCase(),
    issuer,
    `${issuer}/`,
    encodeURIComponent(issuer),
  ],
  ...[
    '%',
    '%f',
    '%ff',
    '%00',
    '%0d%0aX:y',
    '%c0%af',
    '%ed%a0%80',
    '\ud800',
    '\u0007',
    'a%26state%3Db',
    'a+b',
    '%2525',
  ],
  ...['a'.repeat(4_097), 'a'.repeat(2_049), 'a'.repeat(9_000), 'access_denied', 'ѕtate', '1;state=b', '﻿'],
];
const name = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...names) }, fc.string({ maxLength: 6 }));
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...values) },
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const pair = fc.tuple(name, fc.constantFrom('=', '=', '=', '', '=='), value).map((parts) => parts.join(''));
const separator = fc.constantFrom('&', '&', '&', '&&', ';', '?', '#', '%26');
const pairs = fc.array(fc.tuple(pair, separator), { maxLength: 25 }).map((parts) => parts.flat().join(''));
/** A good response, cut somewhere and continued. */
const mutant = fc
  .tuple(
    fc.nat(good.length),
    fc.nat(4),
    fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('&', '=', '%', '?', '+', ...names, ...values)),
  )
  .map(([at, gone, put]) => good.slice(0, at) + put + good.slice(at + gone));
const query = fc.oneof(
  pairs,
  mutant,
  fc.tuple(mutant, separator, pairs).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
);

const single = (parameters: [string, string][] | null, wanted: string) => {
  const found = (parameters ?? []).filter(([one]) => one === wanted);
  return found.length === 1 ? (found[0]?.[1] ?? null) : null;
};

describe('arbitrary callback queries', () => {
  it('CB-15, CB-18, CB-19: pass only when every parameter is there once, well formed and of sane length', () => {
    fc.assert(
      fc.property(query, (text) => {
        const fault = findQueryFault(text);
        const parsed = parseStrictly(text);
        const isSane =
          parsed !== null &&
          !text.startsWith('?') &&
          text.length <= 8_192 &&
          parsed.length <= 20 &&
          new Set(parsed.map(([one]) => one)).size === parsed.length &&
          (single(parsed, 'state') ?? '').length <= 2_048;
        expect(fault === null).toBe(isSane);
      }),
      budget(3_000),
    );
  });

  it('CB-02, CB-03, CB-16: a code is taken only where both parsers read the same code, state and issuer', () => {
    let taken = 0;
    fc.assert(
      fc.property(query, fc.boolean(), (text, isIssuerRequired) => {
        if (findQueryFault(text) !== null) return;
        const [parsed, parameters] = [parseStrictly(text), new URLSearchParams(text)];
        expect(parameters.get('state')).toBe(single(parsed, 'state'));
        const response = validateAuthorizationResponse(parameters, { issuer, isIssuerRequired });
        if (response.kind !== 'code') return void expect(response.error.reason).toMatch(/^[a-z_]{1,40}$/);
        taken += 1;
        expect(response.code).toBe(single(parsed, 'code'));
        expect(response.code).toMatch(/^.{1,4096}$/su);
        expect([issuer, isIssuerRequired ? issuer : null]).toContain(single(parsed, 'iss'));
        for (const name of ['error', 'response', 'id_token']) expect(parameters.has(name)).toBe(false);
      }),
      budget(3_000),
    );
    // Otherwise the test would have tried nothing.
    expect(taken).toBeGreaterThan(100);
  });
});
