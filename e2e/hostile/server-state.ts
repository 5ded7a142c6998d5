/** What the lying server knows and is told: its endpoints share it. */
import type { Fault, Grant, Person } from './grant.ts';
import type { Client, Oracle } from './oracle.ts';
import type { Reply } from './replies.ts';
import type { Jwk, SigningKey } from './signing-keys.ts';

export type ServerState = {
  issuer: string;
  client: Client;
  oracle: Oracle;
  /** Who signs in from now on, and what goes wrong with it. */
  person: Person;
  fault: Fault;
  metadata: Reply;
  jwks: Reply;
  /** Where the keys are: another place in each run, that nobody could know by heart. */
  keysPath: string;
  /** The first one signs; all of them are in the key set, with the decoys. */
  keys: SigningKey[];
  decoys: Jwk[];
  grants: Grant[];
  /** Pushed requests by reference. */
  pushed: Map<string, { request: URLSearchParams; isUsedUp: boolean }>;
  revoked: string[];
  /** Method and path of every request, in order. */
  requests: string[];
};

export function grantOfAccessToken(state: ServerState, token: string): Grant | undefined {
  return state.grants.find(({ accessTokens }) => accessTokens.includes(token));
}
