/**
 * Puts the authorization server together and listens on loopback.
 */
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type Koa from 'koa';
import Provider from 'oidc-provider';
import type { SampleSecrets } from '../secrets.ts';
import type { SampleSettings } from '../settings.ts';
import { createAccounts } from './accounts.ts';
import { createArtifactStore } from './artifacts.ts';
import { createConfiguration } from './configuration.ts';
import { createConsentStore } from './consents.ts';
import { openDatabase } from './database.ts';
import { logProviderEvents } from './events.ts';
import { setSecurityHeaders } from './headers.ts';
import { serveHome } from './home.ts';
import { requireOwnHost } from './host.ts';
import { serveInteractions } from './interactions.ts';
import type { Log } from './log.ts';
import { createLog } from './log.ts';
import type { Parts } from './parts.ts';
import { continueByGet } from './post-to-get.ts';
import { catchProblems, createProblemPages } from './problem.ts';
import { createSignInLimit } from './sign-in-limit.ts';
import { skipEmptySignOut } from './sign-out.ts';
import { createSite } from './site.ts';

export type AuthorizationServer = { issuer: string; close(): Promise<void> };

const pruneEveryMs = 10 * 60 * 1000;
/** Long: a client that uses an idle connection at the moment when it is closed sees an outage. */
const keepAliveMs = 65_000;

/** Resolves when the server listens. @throws in clear words when the port is taken */
export async function startAuthorizationServer(
  settings: SampleSettings,
  secrets: SampleSecrets,
  log: Log = createLog(),
): Promise<AuthorizationServer> {
  const accounts = createAccounts(secrets, settings);
  const database = openDatabase(settings.stateFolder);
  const artifacts = createArtifactStore(database);
  const consents = createConsentStore(database);
  const signInLimit = createSignInLimit(settings.extraAccounts);
  artifacts.prune();
  try {
    const parts: Parts = { settings, secrets, accounts, artifacts, consents, signInLimit, log };
    const provider = await createProvider(parts);
    const server = createServer({ keepAliveTimeout: keepAliveMs }, provider.callback());
    await listen(server, settings.authorizationServerListenPort);
    const pruning = setInterval(() => artifacts.prune(), pruneEveryMs).unref();
    return {
      issuer: settings.issuer,
      async close() {
        clearInterval(pruning);
        await stop(server);
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function createProvider(parts: Parts): Promise<Provider> {
  const { settings, log } = parts;
  const provider = new Provider(settings.issuer, createConfiguration(parts));
  const showProblem = createProblemPages(settings.appUrl, log);
  provider.use(setSecurityHeaders(settings.appUrl));
  provider.use(requireOwnHost(settings.issuer));
  provider.use(catchProblems(showProblem));
  provider.use(await createSite(parts));
  provider.use(serveHome(provider, parts));
  provider.use(continueByGet);
  provider.use(serveInteractions(provider, parts));
  provider.use(skipEmptySignOut);
  logProviderEvents(provider, log);
  const app: Koa = provider;
  app.on('error', (error: Error) => log('server_error', { reason: error.message, stack: error.stack }));
  return provider;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(describeListenError(error, port)));
    server.listen(port, '127.0.0.1', resolve);
  });
}

function describeListenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return new Error(
    `Port ${port} is taken. Stop the other program, or choose another port with SAMPLE_AS_PORT.`,
    {
      cause: error,
    },
  );
}

/** Lets answers that are under way finish, for a second. */
function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => server.closeAllConnections(), 1000);
    server.close(() => {
      clearTimeout(impatience);
      resolve();
    });
  });
}
