/** Everything that happens once, before the first request. */
import 'server-only';
import { endAuditLog, startAuditLog } from '../audit/audit-log';
import { setActionKey } from '../config/action-key';
import { getConfig } from '../config/config';
import { type Declaration, setDeclaration } from '../config/declaration';
import { listDeclarationProblems } from '../config/declaration-schema';
import { isDevelopment } from '../config/mode';
import {
  failToStart,
  logStart,
  rejectHostWithoutServer,
  rejectToStart,
  rejectToStartUnconfigured,
} from '../config/start-up';
import { isServerReachable } from '../oauth/metadata';
import { groupAddress } from '../server/client-address';
import { type HttpServer, httpServer } from '../server/http-server';
import { plainRejectionPage } from '../server/plain-rejection-page';
import { logWhatIsPrinted } from '../server/printed-lines';
import { guardServer, type ServerGuardOptions, startServerGuard } from '../server/server-guard';
import { beforeExit, shutDownOnSignals } from '../server/shutdown';
import { currentStore, openStore } from '../store/current-store';
import { endTracing, startTracing } from '../tracing/start-tracing';
import { createPageGuard } from './page-guard';

type StartOptions = Partial<Pick<ServerGuardOptions, 'rejectionPage'>>;

/**
 * Starts the core with what the adopter declares, and with their page for requests that no page sees (left
 * out: a plain one). A declaration or an environment that cannot work ends the process, and says everything
 * that is wrong with it. The server of this repository's build listens when the promise is settled: servers
 * that do not respond delay that by three seconds. Next's own (`next start`) listens before, and its proxy
 * sends 503 until then.
 * @example
 * export async function register() {
 *   if (process.env.NEXT_RUNTIME !== 'nodejs') return;
 *   const { startServer } = await import('strongroom/server');
 *   await startServer(declaration, { rejectionPage });
 * }
 */
export async function startServer(declaration: Declaration, options: StartOptions = {}): Promise<void> {
  await start(declaration, options).catch(failToStart);
}

async function start(declaration: Declaration, options: StartOptions): Promise<void> {
  const problems = listDeclarationProblems(declaration);
  if (problems.length > 0) rejectToStart(`\n${problems.join('.\n')}.\n\n`);
  setDeclaration(declaration);
  const own = httpServer();
  if (!isDevelopment && own === null) rejectHostWithoutServer();
  rejectToStartUnconfigured();
  await openStore();
  await startTracing(getConfig().traces);
  await startAudit();
  beforeExit(endTracing);
  beforeExit(endAuditLog);
  if (getConfig().metricsAt !== null || getConfig().pushesMetrics) {
    const { startMetrics } = await import('../metrics/start-metrics');
    await startMetrics();
  }
  logStart();
  // What Next's own server prints, and the key that its build has, are matters of the adopter.
  if (isDevelopment || own !== null) setActionKey();
  if (!isDevelopment && own !== null) logWhatIsPrinted();
  guard(own, { rejectionPage: options.rejectionPage ?? plainRejectionPage(declaration.productName) });
  // Asked now, so that the log says at the start what cannot be reached, and the first users wait for neither.
  await Promise.all([isServerReachable(), currentStore().isReachable()]);
  own?.started();
}

/** An audit log that cannot be written would be missed when it is needed: the operator learns it now. */
async function startAudit(): Promise<void> {
  const problem = await startAuditLog(getConfig().audit, (address) => groupAddress(address).network);
  if (problem !== null) rejectToStartUnconfigured([{ variable: 'AUDIT_LOG', problem }]);
}

/** Next's own server listens before it has read this code; only its requests show which one it is. */
function guard(own: HttpServer | null, options: ServerGuardOptions): void {
  if (own === null) {
    startServerGuard(options);
    return;
  }
  const { server, pageRoutes } = own;
  guardServer(server, {
    ...options,
    guardPage: pageRoutes === null ? undefined : createPageGuard(pageRoutes),
  });
  shutDownOnSignals(own);
}
