/** What Redis says about its own durability in INFO. Pure: scripts/revoke-sessions.ts uses it too. */

/** From `INFO persistence`. */
export function isAppendOnly(info: string): boolean {
  return /^aof_enabled:1\b/m.test(info);
}

/** From `INFO replication`. */
export function hasReplicas(info: string): boolean {
  return /^connected_slaves:[1-9]/m.test(info);
}
