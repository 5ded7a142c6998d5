/**
 * An API that takes bound tokens alone, verifies each proof as RFC 9449 §4.3 says, and requires a nonce that
 * it takes once. It notes which key came with which token.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from 'jose';

export type DpopApi = {
  origin: string;
  /** Method, path and status of every request with a token, in order. */
  requests: string[];
  /** What was wrong with a request but for its nonce: nothing may be. */
  faults: string[];
  /** The keys of each token. */
  keys: Map<string, Set<string>>;
  /** Bodies of the uploads that were taken. */
  uploads: Buffer[];
  close(): Promise<void>;
};

/** @param thumbprintOf the key to which a token is bound; undefined: it is over. @param port 0: any */
export async function startDpopApi(
  thumbprintOf: (token: string) => Promise<string | undefined>,
  port = 0,
): Promise<DpopApi> {
  const nonces = new Set<string>();
  const seen = new Set<unknown>();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api: DpopApi = {
    ...{ origin, requests: [], faults: [], keys: new Map(), uploads: [] },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    if (url === '/.well-known/oauth-protected-resource')
      return send(response, 200, { resource: origin, dpop_signing_alg_values_supported: ['ES256'] });
    if (!/^DPoP /.test(headers.authorization ?? ''))
      return send(response, 401, {}, { 'www-authenticate': 'DPoP' });
    const verdict = await verify(request).catch((error: unknown) => String(error));
    const nonce = randomUUID();
    nonces.add(nonce);
    const body = await readBody(request);
    const status = verdict === null ? 200 : isExpected(verdict) ? 401 : 403;
    api.requests.push(`${method} ${url} ${status}`);
    if (status === 403) api.faults.push(`${method} ${url}: ${verdict}`);
    if (status === 200 && method === 'PUT') api.uploads.push(body);
    const value = method === 'PUT' ? {} : { items: [], page: 1, per_page: 20, total: 0 };
    const challenge = `dpop error="${verdict}"`;
    send(response, status, value, { 'dpop-nonce': nonce, 'www-authenticate': challenge });
  }

  /** @returns null, or what is wrong */
  async function verify({ method, url, headers }: IncomingMessage): Promise<string | null> {
    const [, token = ''] = /^DPoP (\S+)$/.exec(headers.authorization ?? '') ?? [];
    const { payload, protectedHeader } = await jwtVerify(String(headers.dpop), EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['ES256'],
      maxTokenAge: 60,
    });
    const thumbprint = await calculateJwkThumbprint(protectedHeader.jwk as JWK);
    api.keys.set(token, new Set([...(api.keys.get(token) ?? []), thumbprint]));
    const bound = await thumbprintOf(token);
    if (bound === undefined) return 'invalid_token';
    if (thumbprint !== bound) return 'another key';
    if ('d' in (protectedHeader.jwk ?? {})) return 'a private key';
    if (payload.htm !== method) return 'htm';
    if (payload.htu !== origin + (url ?? '').replace(/\?.*/, '')) return 'htu';
    if (payload.ath !== createHash('sha256').update(token).digest('base64url')) return 'ath';
    if (payload.jti === undefined || seen.has(payload.jti)) return 'jti';
    seen.add(payload.jti);
    return nonces.delete(String(payload.nonce)) ? null : 'use_dpop_nonce';
  }
  return api;
}

function isExpected(verdict: string): boolean {
  return ['use_dpop_nonce', 'invalid_token'].includes(verdict);
}

function send(response: ServerResponse, status: number, value: object, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
