/** Everything that happens once, before the first request. */
import 'server-only';
import { type Declaration, setDeclaration } from '../config/declaration';
import { rejectToStartUnconfigured } from '../config/start-up';
import { startServerGuard } from './server-guard';

/**
 * Starts the core with what the adopter declares. A declaration or an environment that cannot work ends the process, and
 * says everything that is wrong with it.
 * @example
 * export async function register() {
 *   if (process.env.NEXT_RUNTIME !== 'nodejs') return;
 *   const { startServer } = await import('strongroom/server');
 *   startServer(declaration);
 * }
 */
export function startServer(declaration: Declaration): void {
  setDeclaration(declaration);
  rejectToStartUnconfigured();
  startServerGuard();
}
