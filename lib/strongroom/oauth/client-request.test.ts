import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../base/log';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { offerMetadata } from '../testing/server-metadata';
import { audienceParameters, sendTokenRequest } from './client-request';
import { pushAuthorizationRequest } from './pushed-authorization';
import { revokeRefreshToken } from './token-revocation';

type Sent = { authorization: string | undefined; form: Record<string, string> };

let server: TestServer;
let sent: Sent[];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  sent = [];
  offerMetadata(server, {
    revocation_endpoint: '/revoke',
    pushed_authorization_request_endpoint: '/par',
  });
  const note = (request: IncomingMessage, body: string) =>
    void sent.push({
      authorization: request.headers.authorization,
      form: Object.fromEntries(new URLSearchParams(body)),
    });
  server.handlers['/token'] = (request, response, body) => {
    note(request, body);
    json({ access_token: 'a', token_type: 'Bearer' })(request, response, body);
  };
  server.handlers['/revoke'] = (request, response, body) => {
    note(request, body);
    response.writeHead(200).end();
  };
  server.handlers['/par'] = (request, response, body) => {
    note(request, body);
    json({ request_uri: 'urn:example:1', expires_in: 60 }, 201)(request, response, body);
  };
});

/** Each request of a session that authenticates the client. */
async function sendAll(): Promise<void> {
  await pushAuthorizationRequest(new URL(`${server.origin}/authorize?response_type=code`));
  await sendTokenRequest('authorization_code', { code: 'code-1' });
  await sendTokenRequest('refresh_token', { refresh_token: 'refresh-1' });
  await revokeRefreshToken('refresh-1');
}

describe('the requests of one session', () => {
  it.each([
    ['client-1', 'kT5bW9qN2rV7xM4p', 'client-1:kT5bW9qN2rV7xM4p'],
    [
      '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9',
      'kT5bW9qN.r_V~7x*M4p-',
      '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9:kT5bW9qN.r_V~7x*M4p-',
    ],
    [
      'https://app.example/client',
      'k T5b+W9q%N2r:V7xM4pž',
      'https%3A%2F%2Fapp.example%2Fclient:k+T5b%2BW9q%25N2r%3AV7xM4p%C5%BE',
      'client_secret_basic_encoded',
    ],
    ['web client%1', 'k T5b+W9q%N2r:V7xM4pž', 'web client%1:k T5b+W9q%N2r:V7xM4pž'],
  ])(
    'TK-01: of client %s all have the same Basic credentials, encoded only where that is set',
    async (id, secret, credentials, method = 'client_secret_basic') => {
      useEnvironment({
        AUTH_ISSUER: server.origin,
        AUTH_CLIENT_ID: id,
        AUTH_CLIENT_SECRET: secret,
        AUTH_CLIENT_AUTH: method,
      });
      await sendAll();
      const header = `Basic ${Buffer.from(credentials).toString('base64')}`;
      expect(sent.map(({ authorization }) => authorization)).toEqual(Array(4).fill(header));
      for (const { form } of sent) expect(form).not.toHaveProperty('client_secret');
    },
  );

  it('TK-01: with AUTH_CLIENT_AUTH=client_secret_post all have id and secret in the body', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_CLIENT_AUTH: 'client_secret_post' });
    await sendAll();
    expect(sent).toHaveLength(4);
    for (const { authorization, form } of sent) {
      expect(authorization).toBeUndefined();
      expect(form).toMatchObject({ client_id: 'client-1', client_secret: 'kT5bW9qN2rV7xM4p' });
    }
  });

  it.each([
    [401, {}],
    [401, { error: 'invalid_client' }],
    [400, { error: 'invalid_client' }],
    [200, { error: 'incorrect_client_credentials' }],
  ])('TK-01: that are answered with %i %j are logged once each, with the setting', async (status, body) => {
    useEnvironment({ AUTH_ISSUER: server.origin });
    const failures = vi.spyOn(log, 'logFailure');
    server.handlers['/token'] = json(body, status);
    await sendTokenRequest('authorization_code', { code: 'code-1' });
    const said = {
      status,
      variables: expect.stringContaining('AUTH_CLIENT_SECRET'),
      authentication: 'client_secret_basic',
    };
    expect(failures.mock.calls).toEqual([
      ['client_rejected', expect.anything(), expect.objectContaining(said)],
    ]);
  });

  it('name the same audience at the token endpoint, for the code and for the refresh token', async () => {
    useEnvironment({ AUTH_ISSUER: server.origin, AUTH_AUDIENCE: 'https://api.example' });
    await sendTokenRequest('authorization_code', { code: 'code-1' });
    await sendTokenRequest('refresh_token', { refresh_token: 'refresh-1' });
    const audience = { audience: 'https://api.example', resource: 'https://api.example' };
    expect(sent.map(({ form }) => form)).toEqual([
      { ...audience, grant_type: 'authorization_code', code: 'code-1' },
      { ...audience, grant_type: 'refresh_token', refresh_token: 'refresh-1' },
    ]);
  });
});

describe('the identifier of the API', () => {
  const [address, word] = ['https://api.example', 'contacts'];

  it.each([
    ['both', address, { audience: address, resource: address }],
    ['both', word, { audience: word }],
    ['audience', address, { audience: address }],
    ['resource', address, { resource: address }],
    ['resource', word, {}],
    ['none', address, {}],
    ['scope', address, {}],
  ])('AZ-10: with AUTH_AUDIENCE_AS=%s, %s is sent as %j', (AUTH_AUDIENCE_AS, AUTH_AUDIENCE, parameters) => {
    useEnvironment({ AUTH_AUDIENCE_AS, AUTH_AUDIENCE });
    expect(audienceParameters()).toEqual(parameters);
  });
});

describe('a token request', () => {
  beforeEach(() => useEnvironment({ AUTH_ISSUER: server.origin }));

  it('gives an error response back as it is, for the validator', async () => {
    server.handlers['/token'] = json({ error: 'invalid_grant' }, 400);
    expect(await sendTokenRequest('refresh_token', { refresh_token: 'refresh-1' })).toEqual({
      status: 400,
      contentType: 'application/json',
      text: '{"error":"invalid_grant"}',
    });
  });

  it.each([
    [408, 'status_408'],
    [429, 'status_429'],
    [503, 'status_503'],
    [507, 'status_5xx'],
  ])('TK-05: is worth repeating after status %i', async (status, reason) => {
    server.handlers['/token'] = json({}, status, { 'retry-after': '7' });
    const error = await appErrorOf(() => sendTokenRequest('refresh_token', { refresh_token: 'refresh-1' }));
    expect(error).toMatchObject({ code: 'temporarily_unavailable', reason, retryAfterSec: 7 });
    expect(error.isConnectionLost).toBe(false);
  });

  it('TK-05: whose connection breaks says so', async () => {
    server.handlers['/token'] = (request) => void request.socket.destroy();
    const error = await appErrorOf(() => sendTokenRequest('refresh_token', { refresh_token: 'refresh-1' }));
    expect(error).toMatchObject({
      code: 'temporarily_unavailable',
      reason: 'network',
      isConnectionLost: true,
    });
  });

  it('TK-06: does not follow a redirect with its credentials', async () => {
    server.handlers['/token'] = (_request, response) =>
      response.writeHead(307, { location: '/elsewhere' }).end();
    const error = await appErrorOf(() => sendTokenRequest('authorization_code', { code: 'code-1' }));
    expect([error.code, error.reason]).toEqual(['invalid_response', 'redirect']);
    expect(server.countOf('/elsewhere')).toBe(0);
  });
});
