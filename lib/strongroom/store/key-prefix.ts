/**
 * What every key in a shared Redis begins with: one installation is one public address. Pure:
 * scripts/revoke-sessions.ts uses it too.
 */
export function keyPrefix(appUrl: string): string {
  const { host, pathname } = new URL(appUrl);
  return `strongroom:${host}${pathname.replace(/\/$/, '')}:`;
}
