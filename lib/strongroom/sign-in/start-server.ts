/** Everything that happens once, before the first request. */
import 'server-only';
import { setActionKey } from '../config/action-key';
import { type Declaration, setDeclaration } from '../config/declaration';
import { findDeclarationProblem } from '../config/declaration-schema';
import { isDevelopment } from '../config/mode';
import { rejectHostWithoutServer, rejectToStartUnconfigured } from '../config/start-up';
import { isServerReachable } from '../oauth/metadata';
import { type HttpServer, httpServer } from '../server/http-server';
import { plainRejectionPage } from '../server/plain-rejection-page';
import { logWhatIsPrinted } from '../server/printed-lines';
import { guardServer, type ServerGuardOptions, startServerGuard } from '../server/server-guard';
import { shutDownOnSignals } from '../server/shutdown';
import { currentStore } from '../store/current-store';

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
export async function startServer(
  declaration: Declaration,
  options: Partial<ServerGuardOptions> = {},
): Promise<void> {
  const problem = findDeclarationProblem(declaration);
  if (problem !== null) {
    process.stderr.write(`\n${problem}.\n\n`);
    process.exit(1);
  }
  setDeclaration(declaration);
  const own = httpServer();
  if (!isDevelopment && own === null) rejectHostWithoutServer();
  rejectToStartUnconfigured();
  // What Next's own server prints, and the key that its build has, are matters of the adopter.
  if (isDevelopment || own !== null) setActionKey();
  if (!isDevelopment && own !== null) logWhatIsPrinted();
  guard(own, { rejectionPage: options.rejectionPage ?? plainRejectionPage(declaration.productName) });
  // Asked now, so that the log says at the start what cannot be reached, and the first users wait for neither.
  await Promise.all([isServerReachable(), currentStore().isReachable()]);
}

/** Next's own server listens before it has read this code; only its requests show which one it is. */
function guard(own: HttpServer | null, options: ServerGuardOptions): void {
  if (own === null) startServerGuard(options);
  else {
    guardServer(own.server, options);
    shutDownOnSignals(own);
  }
}
