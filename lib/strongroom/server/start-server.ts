/** Everything that happens once, before the first request. */
import 'server-only';
import { setActionKey } from '../config/action-key';
import { type Declaration, setDeclaration } from '../config/declaration';
import { findDeclarationProblem } from '../config/declaration-schema';
import { isDevelopment } from '../config/mode';
import { rejectToStartUnconfigured } from '../config/start-up';
import { currentStore } from '../store/current-store';
import { logWhatIsPrinted } from './printed-lines';
import { type ServerGuardOptions, startServerGuard } from './server-guard';

/**
 * Starts the core with what the adopter declares, and with their page for requests that no page sees. A
 * declaration or an environment that cannot work ends the process, and says everything that is wrong with it.
 * @example
 * export async function register() {
 *   if (process.env.NEXT_RUNTIME !== 'nodejs') return;
 *   const { startServer } = await import('strongroom/server');
 *   startServer(declaration, { rejectionPage });
 * }
 */
export function startServer(declaration: Declaration, options: ServerGuardOptions): void {
  const problem = findDeclarationProblem(declaration);
  if (problem !== null) {
    process.stderr.write(`\n${problem}.\n\n`);
    process.exit(1);
  }
  setDeclaration(declaration);
  rejectToStartUnconfigured();
  setActionKey();
  if (!isDevelopment) logWhatIsPrinted();
  // Connects to Redis now, so that the log says at the start what it cannot do.
  currentStore();
  startServerGuard(options);
}
