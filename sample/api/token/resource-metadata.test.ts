import { expect, onTestFinished, test } from 'vitest';
import { startTestApi } from '../testing/test-api.ts';

test('RS-16: the metadata names this API, its authorization server, scopes and methods', async () => {
  const api = await startTestApi();
  onTestFinished(() => api[Symbol.asyncDispose]());
  const response = await api.get('/.well-known/oauth-protected-resource');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(await response.json()).toEqual({
    resource: api.identifier,
    authorization_servers: [api.server.issuer],
    scopes_supported: ['read:contacts', 'write:contacts', 'read:messages', 'write:messages'],
    bearer_methods_supported: ['header'],
    resource_name: 'Strongroom sample API',
    dpop_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    dpop_bound_access_tokens_required: false,
  });
});
