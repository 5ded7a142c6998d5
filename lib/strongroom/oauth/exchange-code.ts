/**
 * The authorization request and the code exchange, driven by next-auth. This is the only file that knows it.
 * next-auth makes PKCE and address of the request, and decides when the code is exchanged. It sends nothing itself,
 * never sees a token or the client secret, keeps no session, and leaves no cookie in the browser: its verifier travels
 * inside our sealed transaction, beside the nonce, which it is not asked to compare, as it never sees the ID token.
 * @see RFC 6749 §4.1.1 and §4.1.3, RFC 7636 (PKCE), OIDC Core §3.1
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { NextRequest } from 'next/server';
import NextAuth, { customFetch, type NextAuthConfig } from 'next-auth';
import { decode, encode } from 'next-auth/jwt';
import { withBasePath } from '../base/base-path';
import { nowSec } from '../base/clock';
import { AppError, findAppError, type ReasonOf } from '../base/errors';
import { getApi, getConfig } from '../config/config';
import { publicAddress } from '../config/public-address';
import type { CookieJar } from '../session/cookie-jar';
import { cookieAttributes } from '../session/cookies';
import type { SignInTransaction } from '../session/sign-in-transaction';
import { sendTokenRequest } from './client-request';
import { scopeParameter } from './granted-scopes';
import { getMetadata } from './metadata';
import { callbackPath } from './redirect-uri';
import type { RawTokenResponse } from './token-response';

const [providerId, authPath] = ['provider', '/auth'];
const checkCookies = {
  pkceCodeVerifier: 'check-pkce',
  callbackUrl: 'check-return',
} as const;

export type AuthorizationRequest = {
  state: string;
  scopes: readonly string[];
  /** `audience`, `resource`, `prompt`, `login_hint`, …: chosen by us, never copied from a browser's query. */
  parameters: Readonly<Record<string, string>>;
};

/** What ties a token response to the request of this browser. */
export type Checks = { codeVerifier: string; nonce: string };

/**
 * Builds the authorization request with PKCE and nonce.
 * @throws AppError of the metadata request, or `invalid_response`
 */
export async function buildAuthorizationRequest(
  { state, scopes, parameters }: AuthorizationRequest,
  jar: CookieJar,
): Promise<{ url: URL; checks: Checks }> {
  const run = newRun();
  const nonce = randomBytes(32).toString('base64url');
  // It comes back in an ID token, and only a request for one has it. @see OIDC Core §3.1.2.1
  const forIdToken: Record<string, string> = getConfig().userClaims === null ? { nonce } : {};
  const params = { ...parameters, scope: scopes.join(' '), state, ...forIdToken };
  const config = configure(run, describeServer, params);
  const address: unknown = await NextAuth(config)
    .signIn(providerId, { redirect: false, redirectTo: '/' })
    .catch((error: unknown) => void run.failures.push(error));
  const codeVerifier = await takeVerifier(jar, run.secret);
  if (run.failures.length > 0 || typeof address !== 'string' || codeVerifier === null)
    throw explainFailure(run, 'authorization_request');
  return { url: new URL(address), checks: { codeVerifier, nonce } };
}

/**
 * Exchanges the code for a token response, which is not validated yet.
 * @throws AppError of the token request, or `invalid_response` when next-auth did not send it
 */
export async function exchangeCode(
  code: string,
  transaction: Pick<SignInTransaction, 'codeVerifier' | 'id' | 'dpopKey' | 'scopes'>,
): Promise<RawTokenResponse> {
  const { id: state, codeVerifier, dpopKey, scopes } = transaction;
  const run = newRun();
  const config = configure(run, async (_address, init) => {
    if (init?.method !== 'POST') return describeServer();
    const grant = { ...readGrant(init.body), ...scopeParameter(scopes, getApi(), getConfig()) };
    run.response = await sendTokenRequest('authorization_code', grant, { dpopKey });
    return acceptedResponse();
  });
  const url = publicAddress(`${callbackPath}?${new URLSearchParams({ state, code })}`);
  const headers = { cookie: await sealVerifier(codeVerifier, run.secret) };
  await NextAuth(config)
    .handlers.GET(new NextRequest(url, { headers }))
    .catch((error: unknown) => void run.failures.push(error));
  if (run.response !== null && run.isAccepted && run.failures.length === 0) return run.response;
  throw explainFailure(run, 'code_exchange');
}

/** One use of next-auth: a secret that never leaves this process, and what happened in its callbacks. */
type Run = { secret: string; failures: unknown[]; response: RawTokenResponse | null; isAccepted: boolean };

function newRun(): Run {
  return { secret: randomBytes(32).toString('base64url'), failures: [], response: null, isAccepted: false };
}

type SendFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

function configure(run: Run, send: SendFunction, params: Record<string, string> = {}): NextAuthConfig {
  const { issuer, clientId, isHttps } = getConfig();
  const options = cookieAttributes(isHttps);
  return {
    basePath: withBasePath(authPath),
    secret: run.secret,
    trustHost: true,
    // Named, so that no variable of the environment puts another redirect address in its place.
    redirectProxyUrl: '',
    session: { strategy: 'jwt' },
    providers: [
      {
        id: providerId,
        name: 'Authorization server',
        type: 'oidc',
        issuer,
        clientId,
        checks: ['pkce'],
        // The client is authenticated in client-authentication.ts.
        client: { token_endpoint_auth_method: 'none' },
        authorization: { params },
        profile: (claims) => ({ id: claims.sub }),
        [customFetch]: send as typeof fetch,
      },
    ],
    callbacks: {
      // next-auth asks for the content of its session here: it gets none.
      jwt: () => {
        run.isAccepted = true;
        return null;
      },
    },
    cookies: {
      pkceCodeVerifier: { name: checkCookies.pkceCodeVerifier, options },
      callbackUrl: { name: checkCookies.callbackUrl, options },
    },
    logger: { error: (error) => void run.failures.push(error), warn: () => {}, debug: () => {} },
  };
}

/** The metadata that next-auth needs, from our cache. It insists on a userinfo endpoint, and never uses it. */
async function describeServer(): Promise<Response> {
  const { issuer, authorization_endpoint, token_endpoint } = await getMetadata();
  return Response.json({
    issuer,
    authorization_endpoint,
    token_endpoint,
    userinfo_endpoint: token_endpoint,
    id_token_signing_alg_values_supported: ['RS256'],
  });
}

/** What next-auth's own token request says about the grant. */
function readGrant(body: RequestInit['body']): Record<string, string> {
  const form = new URLSearchParams(body instanceof URLSearchParams ? body : '');
  return Object.fromEntries(
    ['code', 'redirect_uri', 'code_verifier'].map((name) => [name, form.get(name) ?? '']),
  );
}

/**
 * The token response that next-auth sees: no token of the user, and an ID token of our own that passes each of its
 * checks, so that nothing is judged by rules that differ from ours. It does not verify the signature.
 */
function acceptedResponse(): Response {
  const { issuer, clientId } = getConfig();
  const iat = nowSec();
  const claims = { iss: issuer, aud: clientId, sub: 'not-a-user', iat, exp: iat + 60 };
  const encodePart = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const id_token = `${encodePart({ alg: 'RS256' })}.${encodePart(claims)}.${encodePart('unsigned')}`;
  return Response.json({ access_token: 'not-a-token', token_type: 'Bearer', id_token });
}

/** Moves next-auth's verifier out of the cookie it has just set: it goes into the sealed transaction. */
async function takeVerifier(jar: CookieJar, secret: string): Promise<string | null> {
  const salt = checkCookies.pkceCodeVerifier;
  const token = jar.read(salt);
  const check = token === undefined ? null : await decode({ token, secret, salt });
  const removed = { ...cookieAttributes(getConfig().isHttps), maxAge: 0 };
  for (const name of Object.values(checkCookies)) jar.write(name, '', removed);
  return typeof check?.value === 'string' ? check.value : null;
}

async function sealVerifier(value: string, secret: string): Promise<string> {
  const salt = checkCookies.pkceCodeVerifier;
  return `${salt}=${await encode({ token: { value, provider: providerId }, secret, salt, maxAge: 60 })}`;
}

/** The real cause of a failure: next-auth itself would call each of them "Configuration". */
function explainFailure({ failures }: Run, reason: ReasonOf<'invalid_response'>): AppError {
  const known = failures.map(findAppError).find((error) => error !== null);
  return known ?? new AppError('invalid_response', { reason, cause: failures[0] });
}
