/** Metadata with a revocation endpoint that notes what it is told. Test support only. @see RFC 7009 */
import type { Handler } from './http-server';
import { offerMetadata } from './server-metadata';
import type { TokenEndpoint } from './token-endpoint';

/** @returns the tokens that were revoked, in order: it grows */
export function offerRevocation(
  server: TokenEndpoint,
  handler: Handler = (_request, response) => response.writeHead(200).end(),
): string[] {
  const revoked: string[] = [];
  offerMetadata(server, { revocation_endpoint: '/revoke' });
  server.handlers['/revoke'] = (request, response, body) => {
    revoked.push(new URLSearchParams(body).get('token') ?? '');
    return handler(request, response, body);
  };
  return revoked;
}
