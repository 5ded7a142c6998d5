/**
 * What the adopter declares about their application: plain data that `startServer` receives once, before the
 * first request. The core knows no page, no permission and no API but these.
 */
import 'server-only';
import { AppError } from '../base/errors';
import { processSingleton } from '../base/process-singleton';
import { listDeclarationProblems } from './declaration-schema';

/** One permission (scope) of an API, in the words that a user reads. */
export type Permission = {
  scope: string;
  /** What it lets the application do, as a user would say it. */
  title: string;
  detail: string;
};

/** One API: where it is, and what its access tokens are asked for. */
export type DeclaredApi = {
  /** The environment variable that holds its address. */
  baseUrl: string;
  /**
   * For every API but the first: its identifier at the authorization server, or the variable that holds it
   * (in capitals). The token for it is got by refresh when first needed, and goes to that API alone. APIs
   * with the same audience share a token; without one, the API shares that of the first, whose audience is
   * `AUTH_AUDIENCE`.
   */
  audience?: string;
  /** For every API but the first: those of the permissions that are about it. */
  scopes?: readonly string[];
};

/**
 * Filled in by the adopter of several APIs, so that a name that is not declared is a type error.
 * @example
 * declare module 'strongroom' {
 *   interface Register { apis: typeof declaration.apis }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: an interface can be filled in elsewhere
export interface Register {}

/** The name of a declared API. */
export type ApiName = Register extends { apis: infer Apis } ? Extract<keyof Apis, string> : string;

/**
 * What is left out has a default: no permissions, claims, roles and pending actions, and plain pages of the
 * core for signing in.
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
  paths?: {
    /** Left out: `/`. */
    home?: string;
    /** Where users land who wanted no page in particular. Left out: home. */
    afterSignIn?: string;
    /** The page that asks to sign in. */
    signIn?: string;
    /** The page that says why signing in failed. */
    problem?: string;
    signedOut?: string;
    /** The page with the button that signs out. Left out: `afterSignIn`. */
    session?: string;
  };
  /**
   * Each with everything below it: the page guard sends users without a session from there to the sign-in page.
   */
  protectedPaths: readonly string[];
  /** By name. The first is the one that `callApi` calls without a name, and that sign-in gets a token for. */
  apis: Readonly<Record<string, DeclaredApi>>;
  /** In the order in which users see them. `AUTH_SCOPES` asks for all of them unless it says otherwise. */
  permissions?: readonly Permission[];
  /**
   * Claims of the newest ID token that the session keeps for the pages, by name or by path
   * (`realm_access.roles`): texts, numbers and true or false, as strings, and lists of them.
   */
  claims?: readonly string[];
  /** Roles that `requireRole` may ask for, and the claim of the ID token that lists those of a user. */
  roles?: { claim: string; names: readonly string[] };
  /** Names of the actions that may wait for a better sign-in. */
  pendingActions?: readonly string[];
};

/** With a default in every place. */
export type CompleteDeclaration = Required<Omit<Declaration, 'paths' | 'roles'>> &
  Pick<Declaration, 'roles'> & { paths: Required<NonNullable<Declaration['paths']>> };

/** The pages of the core (bff/default-pages.ts), below the one mount that every application has. */
export const defaultPages = {
  signIn: '/auth/please-sign-in',
  problem: '/auth/problem',
  signedOut: '/auth/signed-out',
} as const;

function completeDeclaration(declaration: Declaration): CompleteDeclaration {
  const { home = '/', ...paths } = declaration.paths ?? {};
  const { afterSignIn = home } = paths;
  return {
    ...{ permissions: [], claims: [], pendingActions: [], ...declaration },
    paths: { ...defaultPages, session: afterSignIn, ...paths, home, afterSignIn },
  };
}

type Holder = { declaration: CompleteDeclaration | null };

/** What to do when the core is asked for something and has no declaration, in one sentence. */
export const notStarted =
  'The core was not started: instrumentation.ts, beside the folder app, must call startServer of strongroom/server (docs/existing-app.md)';

/** @throws AppError `configuration_invalid` when the server was started without one */
export function getDeclaration(): CompleteDeclaration {
  const { declaration } = holder();
  if (declaration !== null) return declaration;
  throw new AppError('configuration_invalid', {
    reason: 'declaration_missing',
    cause: new Error(notStarted),
  });
}

export function isDeclared(): boolean {
  return holder().declaration !== null;
}

/**
 * Called once, by `startServer`.
 * @throws AppError `configuration_invalid` with the sentences that say what is wrong
 */
export function setDeclaration(declaration: Declaration): void {
  const problems = listDeclarationProblems(declaration);
  if (problems.length > 0)
    throw new AppError('configuration_invalid', {
      reason: 'declaration',
      cause: new Error(problems.join('. ')),
    });
  holder().declaration = completeDeclaration(declaration);
}

/** Proxy and pages are bundles of their own: the process is what they share. */
function holder(): Holder {
  return processSingleton<Holder>('declaration', () => ({ declaration: null }));
}
