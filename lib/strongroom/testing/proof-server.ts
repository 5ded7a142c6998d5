/** An authorization server and an API in one, which note the DPoP proofs that they get. Test support only. */
import { sendApiRequest } from '../api/send-request';
import { sendTokenRequest } from '../oauth/client-request';
import { createDpopKey } from '../oauth/dpop';
import type { Session } from '../session/session';
import { useEnvironment as setEnvironment } from './environment';
import { type Handler, startTestServer, type TestServer } from './http-server';
import { offerMetadata } from './server-metadata';
import { buildSession, buildTokens } from './sessions';

export type ProofServer = TestServer & {
  /** The proof of each request that `noting` handles. */
  proofs: string[];
  authorizations: (string | undefined)[];
  /** Notes the proof of a request, and responds. */
  noting(respond: Handler): Handler;
  restart(): void;
};

export async function startProofServer(): Promise<ProofServer> {
  const server = await startTestServer();
  const proofServer: ProofServer = {
    ...server,
    proofs: [],
    authorizations: [],
    noting: (respond) => (request, response, body) => {
      proofServer.proofs.push(String(request.headers.dpop));
      proofServer.authorizations.push(request.headers.authorization);
      return respond(request, response, body);
    },
    restart: () => {
      server.reset();
      proofServer.proofs = [];
      proofServer.authorizations = [];
      setEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: server.origin });
      offerMetadata(server, { userinfo_endpoint: '/userinfo' });
    },
  };
  return proofServer;
}

export const createBoundSession = async (): Promise<Session> =>
  buildSession({ tokens: buildTokens({ dpopKey: await createDpopKey() }) });

/** A call to `/a%20b` of the API. */
export const callApiWithProof = async (session: Session | Promise<Session> = createBoundSession()) =>
  sendApiRequest(await session, { method: 'GET', path: ['a b'], query: { page: '2' } });

export const exchangeWithProof = async () =>
  sendTokenRequest('authorization_code', { code: 'c' }, { dpopKey: await createDpopKey() });
