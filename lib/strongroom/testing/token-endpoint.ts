/** An authorization server whose token endpoint responds when the test says so. Test support only. */
import type { ServerResponse } from 'node:http';
import { json, startTestServer, type TestServer } from './http-server';
import { offerMetadata } from './server-metadata';

export type TokenRequest = {
  form: URLSearchParams;
  authorization: string | undefined;
  /** The DPoP proof. */
  proof: string | undefined;
  respond(body: unknown, status?: number, headers?: Record<string, string>): void;
  response: ServerResponse;
};

export type TokenEndpoint = TestServer & {
  /** Every token request, in order, also those without a response so far. */
  tokenRequests: TokenRequest[];
  /** The next one that arrives, or the `count`-th. */
  arrival(count?: number): Promise<TokenRequest>;
  /** Handles every token request from now on; null leaves them waiting for the test. */
  onTokenRequest: ((request: TokenRequest) => void) | null;
  /** Discovery, keys and token endpoint again as at the start. */
  restart(keys?: unknown[]): void;
};

export async function startTokenEndpoint(): Promise<TokenEndpoint> {
  const server = await startTestServer();
  let waiting: (() => void)[] = [];
  const endpoint: TokenEndpoint = {
    ...server,
    tokenRequests: [],
    onTokenRequest: null,
    arrival: async (count = 1) => {
      while (endpoint.tokenRequests.length < count)
        await new Promise<void>((resolve) => void waiting.push(resolve));
      const request = endpoint.tokenRequests[count - 1];
      if (request === undefined) throw new Error('no such request');
      return request;
    },
    restart: (keys = []) => {
      server.reset();
      endpoint.tokenRequests.length = 0;
      endpoint.onTokenRequest = null;
      offerMetadata(server);
      server.handlers['/keys'] = json({ keys });
      server.handlers['/token'] = (request, response, body) => {
        const tokenRequest: TokenRequest = {
          form: new URLSearchParams(body),
          authorization: request.headers.authorization,
          proof: request.headers.dpop?.toString(),
          response,
          respond: (value, status = 200, headers = {}) =>
            void json(value, status, headers)(request, response, ''),
        };
        endpoint.tokenRequests.push(tokenRequest);
        endpoint.onTokenRequest?.(tokenRequest);
        for (const resume of waiting) resume();
        waiting = [];
      };
    },
  };
  return endpoint;
}

/** The response to a first refresh, in the words of the protocol. */
export const secondTokens = {
  access_token: 'access-2',
  token_type: 'Bearer',
  expires_in: 300,
  refresh_token: 'refresh-2',
};

/** Every refresh brings the next pair: access-2 and refresh-2, access-3 and refresh-3, … */
export function rotateTokens(server: TokenEndpoint): void {
  let number = 1;
  server.onTokenRequest = ({ respond }) => {
    number += 1;
    respond({ ...secondTokens, access_token: `access-${number}`, refresh_token: `refresh-${number}` });
  };
}

/** The refresh tokens that the server was sent, in order. */
export function listSentTokens(server: TokenEndpoint): (string | null)[] {
  return server.tokenRequests.map(({ form }) => form.get('refresh_token'));
}
