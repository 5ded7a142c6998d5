/** What every refused token has in common, and the means to write a token by hand. */
import { expect } from 'vitest';
import type { TestApi } from './test-api.ts';

export async function expectInvalidToken(api: TestApi, token: string): Promise<void> {
  const response = await api.get('/contacts', token);
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
}

/** One part of a token, from a value or from text that stays as it is. */
export function encodePart(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}
