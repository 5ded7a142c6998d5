/**
 * What the adopter declares about their application: plain data that `startServer` receives once, before the
 * first request. The core knows no page, no permission and no API but these.
 */
import 'server-only';
import { AppError } from '../base/errors';
import { processSingleton } from '../base/process-singleton';
import { findDeclarationProblem } from './declaration-schema';

/** One permission (scope) of an API, in the words that a user reads. */
export type Permission = {
  scope: string;
  /** What it lets the application do, as a user would say it. */
  title: string;
  detail: string;
};

/**
 * @example
 * export const declaration = {
 *   productName: 'Ledger',
 *   paths: {
 *     home: '/', afterSignIn: '/invoices', session: '/account',
 *     signIn: '/sign-in', problem: '/sign-in/problem', signedOut: '/signed-out',
 *   },
 *   protectedPaths: ['/invoices', '/account'],
 *   apis: { main: { baseUrl: 'API_BASE_URL' } },
 *   permissions: [{ scope: 'read:invoices', title: 'Read your invoices', detail: 'Show them here.' }],
 *   claims: ['department'],
 *   roles: { claim: 'realm_access.roles', names: ['admin'] },
 *   pendingActions: ['pay_invoice'],
 * } as const satisfies Declaration;
 */
export type Declaration = {
  /** What the product is called on the pages that the core sends by itself. */
  productName: string;
  paths: {
    home: string;
    /** Where users land who wanted no page in particular. */
    afterSignIn: string;
    /** The page that asks to sign in. */
    signIn: string;
    /** The page that says why signing in failed. */
    problem: string;
    signedOut: string;
    /** The page with the button that signs out. */
    session: string;
  };
  /**
   * Each with everything below it: the proxy sends users without a session from there to the sign-in page.
   */
  protectedPaths: readonly string[];
  /** Name of each API, and the environment variable that holds its address. */
  apis: Readonly<Record<string, { baseUrl: string }>>;
  /** In the order in which users see them. `AUTH_SCOPES` asks for all of them unless it says otherwise. */
  permissions: readonly Permission[];
  /**
   * Claims of the newest ID token that the session keeps for the pages, by name or by path
   * (`realm_access.roles`): strings and lists of strings.
   */
  claims: readonly string[];
  /** Roles that `requireRole` may ask for, and the claim of the ID token that lists those of a user. */
  roles?: { claim: string; names: readonly string[] };
  /** Names of the actions that may wait for a better sign-in. */
  pendingActions: readonly string[];
};

type Holder = { declaration: Declaration | null };

/** @throws AppError `configuration_invalid` when the server was started without one */
export function getDeclaration(): Declaration {
  const { declaration } = holder();
  if (declaration === null) throw new AppError('configuration_invalid', { reason: 'declaration_missing' });
  return declaration;
}

/**
 * Called once, by `startServer`.
 * @throws AppError `configuration_invalid` with the sentence that says what is wrong
 */
export function setDeclaration(declaration: Declaration): void {
  const problem = findDeclarationProblem(declaration);
  if (problem !== null)
    throw new AppError('configuration_invalid', { reason: 'declaration', cause: new Error(problem) });
  holder().declaration = declaration;
}

/** Proxy and pages are bundles of their own: the process is what they share. */
function holder(): Holder {
  return processSingleton<Holder>('declaration', () => ({ declaration: null }));
}
