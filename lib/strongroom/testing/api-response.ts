/** A response of the API, and the rules by which it is validated. Test support only. */
import type { WWWAuthenticateChallenge } from 'oauth4webapi';
import { z } from 'zod';
import type { ApiResponse } from '../api/send-request';
import { validateApiResponse } from '../api/validate-response';

export const rules = {
  schema: z.object({ name: z.string() }),
  granted: ['openid', 'read:contacts'],
  askable: ['openid', 'offline_access', 'read:contacts', 'write:messages'],
  tokenFingerprint: 'mark-of-the-token',
  isBound: false,
  isSatisfied: () => false,
};

type Parts = { text?: string; headers?: Record<string, string>; challenges?: WWWAuthenticateChallenge[] };

export function buildResponse(
  status: number,
  { text = '{"name":"Ada"}', headers = {}, challenges = [] }: Parts = {},
): ApiResponse {
  const all = new Headers({ 'content-type': 'application/json', ...headers });
  return { kind: 'response', status, headers: all, text, challenges };
}

export const validateStatus = (status: number, parts: Parts = {}) =>
  validateApiResponse(buildResponse(status, parts), rules);

export function insufficientScope(scope: string | undefined): { challenges: WWWAuthenticateChallenge[] } {
  const parameters = { error: 'insufficient_scope', ...(scope === undefined ? {} : { scope }) };
  return { challenges: [{ scheme: 'bearer', parameters }] as WWWAuthenticateChallenge[] };
}
