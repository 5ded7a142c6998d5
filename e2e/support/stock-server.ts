/**
 * An authorization server as somebody else would set it up: `oidc-provider` with any configuration, inside of
 * the test's process. Its one user signs in and consents without being asked.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Middleware } from 'koa';
import Provider, { type ClientMetadata, type Configuration } from 'oidc-provider';

export type StockServer = {
  issuer: string;
  provider: Provider;
  /** Every request so far, in order; `form` holds the fields of a posted form. */
  requests: { method: string; url: URL; headers: IncomingHttpHeaders; form: URLSearchParams }[];
  close(): Promise<void>;
};

const interactionPath = '/interaction/';
const stockSubject = 'user-of-the-stock-server';

export type StockServerOptions = {
  clients: ClientMetadata[];
  /** On top of the defaults below. `features` are added one by one. */
  configuration?: Configuration;
  /** Changes the issuer that is made of the origin, such as `(origin) => `${origin}/realms/main``. */
  issuerAt?: (origin: string) => string;
  /** Who signs in next; always the same user when left out. */
  nextSubject?: () => string;
  /** Handles a request before the provider does, for endpoints that it does not have. */
  before?: Middleware;
};

/** In seconds: the defaults of the library, which warns where they are not written. */
const lifetimes = {
  AccessToken: 3_600,
  AuthorizationCode: 60,
  IdToken: 3_600,
  Interaction: 3_600,
  RefreshToken: 14 * 86_400,
  Session: 14 * 86_400,
  Grant: 14 * 86_400,
};

/** What a stock server offers whom nobody has configured; only its keys and its user are ours. */
const defaults: Configuration = {
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['stock-server-of-a-test'] },
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    rpInitiatedLogout: { enabled: true, logoutSource: askWhetherToSignOut },
  },
  findAccount: (_ctx, accountId) => ({
    accountId,
    claims: () => ({ sub: accountId, name: 'Stock User', email: 'user@stock.example', email_verified: true }),
  }),
  jwks: { keys: [makeSigningKey()] },
  // The client is on loopback, which the library's own dispatcher refuses to reach.
  fetch: (url, init) => fetch(url, { ...init, dispatcher: undefined } as RequestInit),
};

export async function startStockServer({
  clients,
  configuration = {},
  issuerAt = String,
  before = (_ctx, next) => next(),
  nextSubject = () => stockSubject,
}: StockServerOptions): Promise<StockServer> {
  const requests: StockServer['requests'] = [];
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = issuerAt(origin);
  const features = { ...defaults.features, ...configuration.features } as Configuration['features'];
  const ttl = { ...lifetimes, ...configuration.ttl };
  const mountPath = new URL(issuer).pathname.replace(/\/$/, '');
  const provider = new Provider(issuer, {
    ...defaults,
    interactions: { url: (_ctx, { uid }) => `${mountPath}${interactionPath}${uid}` },
    ...configuration,
    clients,
    features,
    ttl,
  } as Configuration);
  provider.use(before);
  provider.use(finishInteraction(provider, nextSubject));
  const callback = provider.callback();
  server.on('request', (request, response) => {
    record(request, origin, requests);
    // As Express and Connect do where an application is mounted below a path.
    Object.assign(request, { originalUrl: request.url });
    request.url = (request.url ?? '').slice(mountPath.length) || '/';
    void callback(request, response);
  });
  return {
    issuer,
    provider,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Signs the user in and grants what the client asks for. */
function finishInteraction(provider: Provider, nextSubject: () => string): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith(interactionPath)) return next();
    const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
    if (prompt.name === 'login')
      return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: nextSubject() } });
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    const grant =
      known ?? new provider.Grant({ accountId: session?.accountId, clientId: String(params.client_id) });
    const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details as {
      missingOIDCScope?: string[];
      missingOIDCClaims?: string[];
      missingResourceScopes?: Record<string, string[]>;
    };
    if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
    if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
    for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {}))
      grant.addResourceScope(resource, scopes.join(' '));
    await provider.interactionFinished(
      ctx.req,
      ctx.res,
      { consent: { grantId: await grant.save() } },
      { mergeWithLastSubmission: true },
    );
  };
}

/** One button; a test presses it with `browser.submit(page, /logout/)`. */
function askWhetherToSignOut(ctx: { body: unknown; type: string }, form: string): void {
  ctx.type = 'html';
  ctx.body = `${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`;
}

function makeSigningKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'stock' };
}

/** Notes a request without reading it: the provider does that. */
function record(request: IncomingMessage, origin: string, requests: StockServer['requests']): void {
  const { method = '', url = '', headers } = request;
  const noted = { method, url: new URL(url, origin), headers, form: new URLSearchParams() };
  requests.push(noted);
  let text = '';
  const emit = request.emit.bind(request);
  request.emit = (event: string | symbol, ...parts: unknown[]) => {
    if (event === 'data') text += String(parts[0]);
    if (event === 'end') noted.form = new URLSearchParams(text);
    return emit(event, ...parts);
  };
}
