/** What the endpoints of the lying server share: what it knows, and what a case tells it to do. */
import type { Fault, Grant, User } from './grant.ts';
import type { ReceivedRequest } from './listener.ts';
import type { Client, Oracle } from './oracle.ts';
import type { Reply } from './replies.ts';
import type { Jwk, SigningKey } from './signing-keys.ts';

export type ServerState = {
  issuer: string;
  client: Client;
  oracle: Oracle;
  /** Who signs in from now on, and what goes wrong with that. */
  user: User;
  fault: Fault;
  metadata: Reply;
  jwks: Reply;
  /** Path of the key set. It is another one in each run, so that only the metadata can lead to it. */
  keysPath: string;
  /** The first one signs. The key set has all of them, and the decoys. */
  keys: SigningKey[];
  decoys: Jwk[];
  grants: Grant[];
  /** Pushed requests by reference. */
  pushed: Map<string, { request: URLSearchParams; isUsedUp: boolean }>;
  revoked: string[];
  /** What every proof of DPoP must contain; null: none need contain one. */
  nonce: string | null;
  /** Method and path of every request, in order. */
  requests: string[];
  /** The requests themselves, for what else they carried. */
  received: ReceivedRequest[];
};

export function grantOfAccessToken(state: ServerState, token: string): Grant | undefined {
  return state.grants.find(({ accessTokens }) => accessTokens.includes(token));
}
