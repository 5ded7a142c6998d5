/**
 * Fetches the authorization server's current keys: discovery, then `jwks_uri`.
 * Nothing in a token ever chooses this address. @see OpenID Connect Discovery 1.0 §4, RFC 8414 §3.3
 */
import {
  type AuthorizationServer,
  allowInsecureRequests,
  customFetch,
  discoveryRequest,
  type JWK,
  processDiscoveryResponse,
} from 'oauth4webapi';
import { boundedFetch } from './bounded-fetch.ts';
import { pickUsableKeys } from './usable-keys.ts';

/** One state of the keys. A new state is a new object: the library remembers imported keys per `server` object. */
export type KeySnapshot = { server: AuthorizationServer; keys: JWK[] };
export type LoadKeys = () => Promise<KeySnapshot>;

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Plain http is for the developer's own machine. */
function isLoopbackHttp(url: URL): boolean {
  return url.protocol === 'http:' && loopback.has(url.hostname);
}

export function createKeyLoader(issuer: string): LoadKeys {
  const issuerUrl = new URL(issuer);
  return async function loadKeys() {
    const response = await discoveryRequest(issuerUrl, {
      [allowInsecureRequests]: isLoopbackHttp(issuerUrl),
      [customFetch]: boundedFetch,
    });
    const server = await processDiscoveryResponse(issuerUrl, response);
    // Exact, where the library compares normalised URLs: `iss` of every token is compared with this very string.
    if (server.issuer !== issuer) throw new Error('Discovery names another issuer.');
    const keySet = await fetchKeySet(server.jwks_uri);
    return { server: { issuer, jwks_uri: server.jwks_uri }, keys: pickUsableKeys(keySet) };
  };
}

async function fetchKeySet(jwksUri: string | undefined): Promise<unknown> {
  const url = new URL(jwksUri ?? '');
  if (url.protocol !== 'https:' && !isLoopbackHttp(url)) throw new Error('jwks_uri is not https.');
  const response = await boundedFetch(url.href);
  if (!response.ok) throw new Error(`jwks_uri answered ${response.status}.`);
  return response.json();
}
