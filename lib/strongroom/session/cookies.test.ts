import { describe, expect, it } from 'vitest';
import {
  cookieAttributes,
  cookieLifetimes,
  draftCookieName,
  lastSeenCookieName,
  pendingCookieName,
  sessionCookieName,
  transactionCookieName,
} from './cookies';

describe('cookies', () => {
  it('CK-01: over https every name starts with __Host-', () => {
    const naming = { isHttps: true, cookieName: 'mine' };
    const names = [
      sessionCookieName(naming),
      draftCookieName(naming),
      lastSeenCookieName(naming),
      pendingCookieName(naming),
      transactionCookieName(naming, 'x'),
    ];
    for (const name of names) expect(name).toMatch(/^__Host-mine/);
    expect(sessionCookieName({ ...naming, isHttps: false })).toBe('mine');
  });

  it('CK-01: attributes are HttpOnly, SameSite=Lax, Path=/, without a Domain, and Secure over https', () => {
    expect(cookieAttributes(true)).toEqual({ httpOnly: true, secure: true, sameSite: 'lax', path: '/' });
    expect(cookieAttributes(false).secure).toBe(false);
  });

  it('AZ-04: a transaction lives for at most 15 minutes', () => {
    expect(cookieLifetimes.transactionSec).toBeLessThanOrEqual(15 * 60);
  });
});
