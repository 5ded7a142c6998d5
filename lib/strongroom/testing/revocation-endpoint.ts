/** Metadata with a revocation endpoint that notes what it is told. Test support only. @see RFC 7009 */
import { type Handler, json } from './http-server';
import type { TokenEndpoint } from './token-endpoint';

/** @returns the tokens that were revoked, in order: it grows */
export function offerRevocation(
  server: TokenEndpoint,
  handler: Handler = (_request, response) => response.writeHead(200).end(),
): string[] {
  const revoked: string[] = [];
  server.handlers['/.well-known/openid-configuration'] = json({
    issuer: server.origin,
    authorization_endpoint: `${server.origin}/authorize`,
    token_endpoint: `${server.origin}/token`,
    jwks_uri: `${server.origin}/keys`,
    revocation_endpoint: `${server.origin}/revoke`,
  });
  server.handlers['/revoke'] = (request, response, body) => {
    revoked.push(new URLSearchParams(body).get('token') ?? '');
    return handler(request, response, body);
  };
  return revoked;
}
