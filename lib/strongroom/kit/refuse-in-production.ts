/** Sessions out of nothing are for tests: where real users are, the kit does nothing. */

/** Addresses that lead to this machine, or nowhere. @see RFC 6761 §6.2, §6.3 */
const ownHost = /^(?:localhost|127(?:\.\d+){3}|\[::1\]|(?:.+\.)?(?:localhost|test))$/;

/** @throws Error in a production process, and for an application elsewhere */
export function refuseInProduction(appUrl: string | undefined): void {
  if (process.env.NODE_ENV === 'production')
    throw new Error(
      'strongroom/testing makes sessions for tests: it does nothing where NODE_ENV is production.',
    );
  const url = URL.parse(appUrl ?? '');
  if (url === null || !ownHost.test(url.hostname))
    throw new Error(
      `strongroom/testing makes sessions for an application on this machine alone, and AUTH_URL is ${appUrl ?? 'not set'}.`,
    );
}
