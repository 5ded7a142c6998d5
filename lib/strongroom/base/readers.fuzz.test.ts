/** The small readers of headers and queries, against anything. RL-05, RC-07 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildAddress, readPageNumber, readSingle } from '../../../app/_components/page-query';
import { budget } from '../testing/fuzz-budget';
import { readPlainText } from './guards';
import { readReference } from './reference';
import { readRetryAfter } from './retry-after';

const digits = fc.stringMatching(/^[\d\s+\-.eEx,]{0,12}$/);
const text = fc.oneof(digits, fc.string({ unit: 'binary', maxLength: 40 }), fc.string());

describe('arbitrary input', () => {
  it('RC-07, RL-05: read as Retry-After is whole seconds up to an hour, or nothing', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.integer().map(String)), (value) => {
        const seconds = readRetryAfter(value);
        if (seconds === undefined) return;
        expect(Number.isInteger(seconds) && seconds >= 0 && seconds <= 3_600).toBe(true);
        expect(value.trim()).toMatch(/^[0-9]+$/);
      }),
      budget(5_000),
    );
  });

  it('RL-05: read as the query of a page is one text or none, and a page number from 1', () => {
    const values = fc.oneof(text, fc.array(text), fc.constant(undefined));
    const query = fc.dictionary(fc.constantFrom('page', 'q', '__proto__', 'constructor'), values);
    fc.assert(
      fc.property(query, fc.constantFrom('page', 'q', 'toString', '__proto__'), (one, name) => {
        const single = readSingle(one, name);
        expect(single === null || typeof single === 'string').toBe(true);
        const number = readPageNumber(one);
        expect(Number.isInteger(number) && number >= 1 && number < 1_000_000).toBe(true);
      }),
      budget(3_000),
    );
  });

  it('RL-05: written into an address of ours stays inside its parameter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const url = new URL(
          buildAddress('/dashboard/contacts', { q: value, page: null }),
          'https://app.example',
        );
        expect([url.origin, url.pathname, url.hash]).toEqual([
          'https://app.example',
          '/dashboard/contacts',
          '',
        ]);
        expect([...url.searchParams]).toEqual(value === '' ? [] : [['q', value]]);
      }),
      budget(3_000),
    );
  });

  it('RL-05: read as plain text has no control characters, no overrides of direction, and is not too long', () => {
    const value = fc.oneof(fc.anything(), fc.string({ unit: 'binary', maxLength: 100 }));
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 40 }), (one, maxChars) => {
        const plain = readPlainText(one, maxChars);
        if (plain === null) return;
        expect([...plain].length).toBeLessThanOrEqual(maxChars);
        expect(plain).not.toMatch(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]|^\s|^$/u);
      }),
      budget(3_000),
    );
  });

  it('RL-05: read as a reference has the shape of ours, or is none', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.stringMatching(/^[\dA-Z]{4}-[\dA-Za-z]{4}\n?$/)), (value) => {
        expect([null, value]).toContain(readReference(value));
        if (readReference(value) !== null) expect(value).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$(?!\n)/);
      }),
      budget(2_000),
    );
  });
});
