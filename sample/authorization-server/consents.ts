/**
 * What each account decided about each client, remembered across sessions and restarts.
 * Grants are built from it (`grant.ts`): a grant is one browser's family of tokens, a consent is the person's decision.
 */
import type { DatabaseSync } from 'node:sqlite';

export type Consent = {
  granted: ReadonlySet<string>;
  rejected: ReadonlySet<string>;
};

export type ConsentStore = {
  find(accountId: string, clientId: string): Consent | null;
  save(accountId: string, clientId: string, consent: Consent): void;
};

export function createConsentStore(database: DatabaseSync): ConsentStore {
  const select = database.prepare(
    'SELECT granted, rejected FROM consents WHERE account_id = ? AND client_id = ?',
  );
  const upsert = database.prepare(`
    INSERT INTO consents (account_id, client_id, granted, rejected) VALUES (?, ?, ?, ?)
    ON CONFLICT (account_id, client_id) DO UPDATE SET granted = excluded.granted, rejected = excluded.rejected`);
  return {
    find(accountId, clientId) {
      const row = select.get(accountId, clientId);
      return row ? { granted: toScopes(row.granted), rejected: toScopes(row.rejected) } : null;
    },
    save(accountId, clientId, { granted, rejected }) {
      upsert.run(accountId, clientId, [...granted].join(' '), [...rejected].join(' '));
    },
  };
}

/** Scope names of a space-separated list. @see RFC 6749 §3.3 */
export function toScopes(list: unknown): Set<string> {
  return new Set(typeof list === 'string' ? list.split(' ').filter(Boolean) : []);
}
