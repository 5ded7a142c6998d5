/**
 * What every key in a shared Redis begins with: one installation is one public origin. Pure:
 * scripts/revoke-sessions.ts uses it too.
 */
export function keyPrefix(appOrigin: string): string {
  return `strongroom:${new URL(appOrigin).host}:`;
}
