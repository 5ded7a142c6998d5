/** A sign-in that is on its way back from the authorization server. Test support only. */
import type { Session } from '../session/session';
import { type SignInTransaction, writeTransaction } from '../session/sign-in-transaction';
import { type CallbackResult, handleCallback } from '../sign-in/callback';
import { createTestJar, type TestJar } from './cookie-jar';
import { useEnvironment as setEnvironment } from './environment';
import { createTestKey, signIdToken, type TestKey } from './id-tokens';
import { startTokenEndpoint, type TokenEndpoint } from './token-endpoint';
import { buildTransaction } from './transactions';

export type Arrival = {
  server: TokenEndpoint;
  key: TestKey;
  /** The cookies of the browser that comes back. */
  jar: TestJar;
  transaction: SignInTransaction;
  /** In a new browser, the sign-in in which nothing is changed. */
  restart(): Promise<void>;
  /** Another sign-in of the same browser. */
  begin(changes?: Partial<SignInTransaction>): Promise<void>;
  /** The token endpoint responds with an ID token for this transaction, changed as given. */
  offerTokens(claims?: Record<string, unknown>): Promise<void>;
  signIdToken(claims?: Record<string, unknown>): Promise<string>;
  deliver(current?: Session | null, response?: Record<string, string>): Promise<CallbackResult>;
  signIn(): Promise<Session>;
};

export async function startArrivals(): Promise<Arrival> {
  const [server, key] = [await startTokenEndpoint(), await createTestKey()];
  const arrival: Arrival = {
    ...{ server, key, jar: createTestJar(), transaction: buildTransaction() },
    restart: async () => {
      server.restart([key.jwk]);
      setEnvironment({ AUTH_ISSUER: server.origin });
      arrival.jar = createTestJar();
      await arrival.begin();
    },
    begin: async (changes = {}) => {
      arrival.transaction = buildTransaction({ issuer: server.origin, ...changes });
      await writeTransaction(arrival.jar, arrival.transaction);
    },
    signIdToken: (claims = {}) =>
      signIdToken({ key, claims: { iss: server.origin, nonce: arrival.transaction.nonce, ...claims } }),
    offerTokens: async (claims) => {
      const id_token = await arrival.signIdToken(claims);
      server.onTokenRequest = ({ respond }) =>
        respond({ access_token: 'access-1', token_type: 'Bearer', id_token });
    },
    deliver: (current = null, response = { code: 'code-1' }) => {
      const query = new URLSearchParams({ ...response, state: arrival.transaction.id }).toString();
      return handleCallback(arrival.jar, { query, browser: null }, current);
    },
    signIn: async () => {
      await arrival.offerTokens();
      const result = await arrival.deliver();
      if (result.kind !== 'signed_in') throw new Error('was not signed in', { cause: result });
      return result.session;
    },
  };
  return arrival;
}
