/** Everything that happens once, before the first request. */
import 'server-only';
import { endAuditLog, startAuditLog } from '../audit/audit-log';
import { setActionKey } from '../config/action-key';
import { getConfig } from '../config/config';
import { type Declaration, setDeclaration } from '../config/declaration';
import { findDeclarationProblem } from '../config/declaration-schema';
import { isDevelopment } from '../config/mode';
import {
  logStart,
  rejectHostWithoutServer,
  rejectToStart,
  rejectToStartUnconfigured,
} from '../config/start-up';
import { isServerReachable } from '../oauth/metadata';
import { groupAddress } from '../server/client-address';
import { httpServer } from '../server/http-server';
import { logWhatIsPrinted } from '../server/printed-lines';
import { guardServer, type ServerGuardOptions, startServerGuard } from '../server/server-guard';
import { beforeExit, shutDownOnSignals } from '../server/shutdown';
import { currentStore } from '../store/current-store';
import { endTracing, startTracing } from '../tracing/start-tracing';

/**
 * Starts the core with what the adopter declares, and with their page for requests that no page sees. A
 * declaration or an environment that cannot work ends the process, and says everything that is wrong with it.
 * The server listens when the promise is settled: servers that do not respond delay that by three seconds.
 * @example
 * export async function register() {
 *   if (process.env.NEXT_RUNTIME !== 'nodejs') return;
 *   const { startServer } = await import('strongroom/server');
 *   await startServer(declaration, { rejectionPage });
 * }
 */
export async function startServer(declaration: Declaration, options: ServerGuardOptions): Promise<void> {
  const problem = findDeclarationProblem(declaration);
  if (problem !== null) rejectToStart(`\n${problem}.\n\n`);
  setDeclaration(declaration);
  if (!isDevelopment && httpServer() === null) rejectHostWithoutServer();
  rejectToStartUnconfigured();
  await startTracing(getConfig().traces);
  await startAudit();
  beforeExit(endTracing);
  beforeExit(endAuditLog);
  logStart();
  setActionKey();
  if (!isDevelopment) logWhatIsPrinted();
  guard(options);
  if (getConfig().metricsAt !== null || getConfig().pushesMetrics) {
    const { startMetrics } = await import('../metrics/start-metrics');
    await startMetrics();
  }
  // Asked now, so that the log says at the start what cannot be reached, and the first users wait for neither.
  await Promise.all([isServerReachable(), currentStore().isReachable()]);
}

/** An audit log that cannot be written would be missed when it is needed: the operator learns it now. */
async function startAudit(): Promise<void> {
  const problem = await startAuditLog(getConfig().audit, (address) => groupAddress(address).network);
  if (problem !== null) rejectToStartUnconfigured([{ variable: 'AUDIT_LOG', problem }]);
}

/** A development server listens before it has read this code; only its requests show which one it is. */
function guard(options: ServerGuardOptions): void {
  const own = httpServer();
  if (own === null) startServerGuard(options);
  else {
    guardServer(own.server, options);
    shutDownOnSignals(own);
  }
}
