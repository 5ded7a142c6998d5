/**
 * The API's log: one JSON line per event on standard output. Callers pass codes and counts;
 * tokens, message texts, queries and e-mail addresses have no business here.
 */
import { createHash } from 'node:crypto';

export type Log = (event: string, fields: Record<string, string | number | undefined>) => void;

export const printLog: Log = (event, fields) => {
  console.log(JSON.stringify({ time: new Date().toISOString(), event, ...fields }));
};

/** A short name for one user that says nothing about the user: subjects may be e-mail addresses. */
export function pseudonymOf(issuer: string, subject: string): string {
  return createHash('sha256').update(`${issuer}\n${subject}`).digest('hex').slice(0, 12);
}
