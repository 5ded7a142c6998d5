/**
 * Metadata of an authorization server on loopback, changed as the test says: a member that is undefined is
 * left out. Test support only. @see RFC 8414 §2
 */
import { json, type TestServer } from './http-server';

function describeServer(origin: string, changes: Record<string, unknown> = {}) {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    jwks_uri: `${origin}/keys`,
    ...changes,
  };
}

/** From now on the server has these metadata. `endpoints` names optional ones by their paths, `members` all else. */
export function offerMetadata(
  { origin, handlers }: Pick<TestServer, 'origin' | 'handlers'>,
  endpoints: Record<string, string> = {},
  members: Record<string, unknown> = {},
): void {
  const optional = Object.entries(endpoints).map(([name, path]) => [name, origin + path]);
  handlers['/.well-known/openid-configuration'] = json(
    describeServer(origin, { ...Object.fromEntries(optional), ...members }),
  );
}
