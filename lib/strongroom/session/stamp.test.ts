import { beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { readStamp, writeStamp } from './stamp';

const [older, newer] = ['mQ7vT2xK9pL4wR8nB3cY6zH1jF5sD0gA', 'nR8wU3yL0qM5xS9oC4dZ7aI2kG6tE1hB'];
beforeEach(() => useEnvironment({ AUTH_SECRET: `1:${older}` }));

const endsAtSec = 1_800_000_000;
const good = { about: 'session-1', atSec: endsAtSec - 1 };
const write = () => writeStamp('bound_cookie', { content: 'a.b-c_d', about: 'session-1', endsAtSec });

describe('a stamp', () => {
  it('is valid until its end, and gives back what it says', () => {
    expect(readStamp('bound_cookie', write(), good)).toEqual({
      kind: 'valid',
      content: 'a.b-c_d',
      endsAtSec,
    });
    expect(readStamp('bound_cookie', write(), { ...good, atSec: endsAtSec })).toEqual({ kind: 'expired' });
  });

  it('is invalid about another session, and for another purpose', () => {
    expect(readStamp('bound_cookie', write(), { ...good, about: 'session-2' })).toEqual({ kind: 'invalid' });
    expect(readStamp('renewal_challenge', write(), good)).toEqual({ kind: 'invalid' });
  });

  it('is invalid with any character changed, left out or added', () => {
    const text = write();
    for (let at = 0; at < text.length; at += 1) {
      const other = text[at] === 'A' ? 'B' : 'A';
      const [before, after] = [text.slice(0, at), text.slice(at + 1)];
      for (const spoilt of [before + other + after, before + after, `${before}A${text.slice(at)}`])
        expect(readStamp('bound_cookie', spoilt, good).kind, spoilt).toBe('invalid');
    }
    for (const text of ['', '.', '..', 'x'.repeat(100_000)])
      expect(readStamp('bound_cookie', text, good).kind).toBe('invalid');
  });

  it('CK-07: is read with the secret before, and written with the newest', () => {
    const before = write();
    useEnvironment({ AUTH_SECRET: `2:${newer},1:${older}` });
    expect(readStamp('bound_cookie', before, good).kind).toBe('valid');
    const after = write();
    useEnvironment({ AUTH_SECRET: `2:${newer}` });
    expect(readStamp('bound_cookie', after, good).kind).toBe('valid');
    expect(readStamp('bound_cookie', before, good).kind).toBe('invalid');
  });

  it('CK-07: is read with a secret that is marked next, and not written with it', () => {
    useEnvironment({ AUTH_SECRET: `2:${newer},1:${older}` });
    const early = write();
    useEnvironment({ AUTH_SECRET: `2:next:${newer},1:${older}` });
    expect(readStamp('bound_cookie', early, good).kind).toBe('valid');
    const late = write();
    useEnvironment({ AUTH_SECRET: `1:${older}` });
    expect(readStamp('bound_cookie', late, good).kind).toBe('valid');
  });
});
