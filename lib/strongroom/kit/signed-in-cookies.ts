/**
 * The cookies of a user who is signed in, made in a test's process with the code and the secret of the
 * application.
 */
import * as nodeModule from 'node:module';
import type { Declaration } from '../config/declaration';
import { refuseInProduction } from './refuse-in-production';
import type { TestCookie, TestUser } from './test-user';

/**
 * The cookies of a signed-in user, for the application whose `AUTH_URL` and `AUTH_SECRET` the environment
 * has.
 * @throws Error in production, and for what the declaration does not know
 * @example
 * await context.addCookies(await signedInCookies(declaration, { name: 'Ada', permissions: ['read:invoices'] }));
 */
export async function signedInCookies(declaration: Declaration, user: TestUser = {}): Promise<TestCookie[]> {
  refuseInProduction(process.env.AUTH_URL);
  takeServerCode();
  const { sealTestSession } = await import('./test-session');
  return sealTestSession(declaration, user);
}

let isTaken = false;

/**
 * In the sources of the core, `server-only` is for bundlers; a test runner is none. The package has it no
 * more.
 */
function takeServerCode(): void {
  if (isTaken) return;
  isTaken = true;
  nodeModule.registerHooks?.({
    resolve: (specifier, context, next) =>
      specifier === 'server-only'
        ? next(specifier, { ...context, conditions: [...context.conditions, 'react-server'] })
        : next(specifier, context),
  });
}
