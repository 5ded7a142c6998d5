/**
 * The only file that knows next-auth. It drives the redirect to the authorization server and the code exchange; what it does not check
 * is checked in what it is given: our fetch, our judgement of the token response, our verification of the ID token.
 * It keeps no session and no cookie in the browser: its checks travel inside our sealed transaction.
 * @see RFC 6749 §4.1.1 and §4.1.3, RFC 7636 (PKCE), OIDC Core §3.1
 */
import 'server-only';
import { randomBytes } from 'node:crypto';
import { NextRequest } from 'next/server';
import NextAuth, { customFetch, type NextAuthConfig, type Profile } from 'next-auth';
import { decode, encode } from 'next-auth/jwt';
import type { OIDCConfig } from 'next-auth/providers';
import { AppError, findAppError } from '../base/errors';
import { getConfig } from '../config/config';
import type { CookieJar } from '../session/cookie-jar';
import { cookieAttributes } from '../session/cookies';

const providerId = 'provider';
const basePath = '/auth';
/** Exact redirect URI path: registered at the authorization server. */
export const callbackPath = `${basePath}/callback/${providerId}`;
const checkCookies = {
  pkceCodeVerifier: 'check-pkce',
  nonce: 'check-nonce',
  callbackUrl: 'check-return',
} as const;

export type AuthorizationRequest = {
  state: string;
  scopes: readonly string[];
  /** `audience`, `resource`, `prompt`, `login_hint`, …: chosen by us, never copied from a browser's query. */
  parameters: Readonly<Record<string, string>>;
};

export type Checks = { codeVerifier: string; nonce: string };

export type CodeExchange = {
  state: string;
  code: string;
  /** `iss` of the authorization response, if it had one. @see RFC 9207 */
  iss: string | null;
  checks: Checks;
  /** Judges the raw token response, and returns the one that next-auth shall see. */
  judge: (response: Response) => Promise<Response>;
};

export type SendFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * Builds the authorization request with PKCE and nonce.
 * @throws AppError of the metadata request, or `configuration_invalid`
 */
export async function buildAuthorizationRequest(
  request: AuthorizationRequest,
  jar: CookieJar,
  send: SendFunction,
): Promise<{ url: URL; checks: Checks }> {
  const run = newRun(send);
  const params = { ...request.parameters, scope: request.scopes.join(' '), state: request.state };
  const address: unknown = await NextAuth(configure(run, { authorization: { params } }))
    .signIn(providerId, { redirect: false, redirectTo: '/' })
    .catch((error: unknown) => void run.failures.push(error));
  const checks = await takeChecks(jar, run.secret);
  if (run.failures.length > 0 || typeof address !== 'string' || checks === null)
    throw toAppError(run.failures, 'authorization_request');
  return { url: new URL(address), checks };
}

/** Moves next-auth's checks out of the cookies it has just set: they go into the sealed transaction instead. */
async function takeChecks(jar: CookieJar, secret: string): Promise<Checks | null> {
  const codeVerifier = await openCheck(jar, secret, checkCookies.pkceCodeVerifier);
  const nonce = await openCheck(jar, secret, checkCookies.nonce);
  const attributes = cookieAttributes(getConfig().isHttps);
  for (const name of Object.values(checkCookies)) jar.write(name, '', { ...attributes, maxAge: 0 });
  return codeVerifier === null || nonce === null ? null : { codeVerifier, nonce };
}

async function openCheck(jar: CookieJar, secret: string, name: string): Promise<string | null> {
  const token = jar.read(name);
  const check = token === undefined ? null : await decode({ token, secret, salt: name });
  return typeof check?.value === 'string' ? check.value : null;
}

/**
 * Exchanges the code; resolves only when next-auth has accepted what `judge` let through.
 * @throws AppError: what `send` or `judge` rejected, or `invalid_response`
 */
export async function exchangeCode(exchange: CodeExchange, send: SendFunction): Promise<void> {
  const run = newRun(send);
  const config = configure(run, { token: { conform: exchange.judge } });
  const request = new NextRequest(callbackUrl(exchange), {
    headers: { cookie: await sealChecks(exchange.checks, run.secret) },
  });
  await NextAuth(config)
    .handlers.GET(request)
    .catch((error: unknown) => void run.failures.push(error));
  if (!run.isAccepted || run.failures.length > 0) throw toAppError(run.failures, 'code_exchange');
}

function callbackUrl({ state, code, iss }: CodeExchange): URL {
  const url = new URL(callbackPath, getConfig().appOrigin);
  url.searchParams.set('state', state);
  url.searchParams.set('code', code);
  if (iss !== null) url.searchParams.set('iss', iss);
  return url;
}

async function sealChecks(checks: Checks, secret: string): Promise<string> {
  const wrap = (name: string, value: string) =>
    encode({ token: { value, provider: providerId }, secret, salt: name, maxAge: 60 });
  const pkce = await wrap(checkCookies.pkceCodeVerifier, checks.codeVerifier);
  const nonce = await wrap(checkCookies.nonce, checks.nonce);
  return `${checkCookies.pkceCodeVerifier}=${pkce}; ${checkCookies.nonce}=${nonce}`;
}

/** One use of next-auth: a secret that never leaves this process, and what happened. */
type Run = { secret: string; send: SendFunction; failures: unknown[]; isAccepted: boolean };

function newRun(send: SendFunction): Run {
  return { secret: randomBytes(32).toString('base64url'), send, failures: [], isAccepted: false };
}

function configure(run: Run, step: Pick<OIDCConfig<Profile>, 'authorization' | 'token'>): NextAuthConfig {
  const { issuer, clientId, clientSecret, clientAuthentication, isHttps } = getConfig();
  const options = cookieAttributes(isHttps);
  return {
    basePath,
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
        clientSecret,
        checks: ['pkce', 'nonce'],
        client: { token_endpoint_auth_method: clientAuthentication },
        profile: (claims) => ({ id: claims.sub }),
        [customFetch]: run.send as typeof fetch,
        ...step,
      },
    ],
    callbacks: {
      // next-auth asks for its session here: it gets none, and its verdict is all we take.
      jwt: () => {
        run.isAccepted = true;
        return null;
      },
    },
    cookies: {
      pkceCodeVerifier: { name: checkCookies.pkceCodeVerifier, options },
      nonce: { name: checkCookies.nonce, options },
      callbackUrl: { name: checkCookies.callbackUrl, options },
    },
    logger: { error: (error) => void run.failures.push(error), warn: () => {}, debug: () => {} },
  };
}

/** The real cause of a failure: next-auth itself would tell every one of them as "Configuration". */
function toAppError(failures: unknown[], reason: string): AppError {
  const known = failures.map(findAppError).find((error) => error !== null);
  return known ?? new AppError('invalid_response', { reason, cause: failures[0] });
}
