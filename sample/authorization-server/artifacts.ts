/**
 * Where oidc-provider keeps sessions, grants, codes, refresh tokens, pushed requests and replay marks.
 * Statements are prepared once. `consume` is atomic: of two requests that race, one wins and the other is reuse.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';

/** Longer than oidc-provider's clock tolerance of 15 s: the library, not the pruning, decides what is expired. */
const graceSec = 60;

export type ArtifactStore = {
  adapterFor(model: string): Adapter;
  /** Removes what expired; returns how many rows went. */
  prune(): number;
};

export function createArtifactStore(database: DatabaseSync, nowSec = secondsNow): ArtifactStore {
  const statements = prepareStatements(database);
  const { deleteExpired } = statements;
  return {
    adapterFor: (model) => createAdapter(model, statements, nowSec),
    prune: () => Number(deleteExpired.run(nowSec()).changes),
  };
}

const secondsNow = () => Math.floor(Date.now() / 1000);

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: DatabaseSync) {
  const row = 'SELECT payload, consumed_at_sec AS consumed FROM artifacts WHERE model = ?';
  return {
    save: database.prepare(`
      INSERT INTO artifacts (model, id, payload, grant_id, uid, expires_at_sec) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
        uid = excluded.uid, expires_at_sec = excluded.expires_at_sec`),
    byId: database.prepare(`${row} AND id = ?`),
    byUid: database.prepare(`${row} AND uid = ?`),
    markConsumed: database.prepare(`
      UPDATE artifacts SET consumed_at_sec = ? WHERE model = ? AND id = ? AND consumed_at_sec IS NULL`),
    grantOf: database.prepare('SELECT grant_id AS grantId FROM artifacts WHERE model = ? AND id = ?'),
    deleteById: database.prepare('DELETE FROM artifacts WHERE model = ? AND id = ?'),
    deleteByGrant: database.prepare('DELETE FROM artifacts WHERE model = ? AND grant_id = ?'),
    deleteFamily: database.prepare('DELETE FROM artifacts WHERE grant_id = ?'),
    deleteExpired: database.prepare('DELETE FROM artifacts WHERE expires_at_sec < ?'),
  };
}

function createAdapter(model: string, statements: Statements, nowSec: () => number): Adapter {
  return {
    async upsert(id, payload, expiresIn) {
      const expiresAtSec = expiresIn === undefined ? null : nowSec() + Math.ceil(expiresIn) + graceSec;
      const { grantId = null, uid = null } = payload;
      statements.save.run(model, id, JSON.stringify(payload), grantId, uid, expiresAtSec);
    },
    async find(id) {
      return readRow(statements.byId.get(model, id));
    },
    async findByUid(uid) {
      return readRow(statements.byUid.get(model, uid));
    },
    async findByUserCode() {
      return undefined; // The device flow is not offered.
    },
    async consume(id) {
      if (statements.markConsumed.run(nowSec(), model, id).changes === 0) refuseReuse(model, id, statements);
    },
    async destroy(id) {
      statements.deleteById.run(model, id);
    },
    async revokeByGrantId(grantId) {
      statements.deleteByGrant.run(model, grantId);
    },
  };
}

function readRow(row: Record<string, unknown> | undefined): AdapterPayload | undefined {
  if (!row) return undefined;
  const payload = JSON.parse(String(row.payload)) as AdapterPayload;
  return row.consumed === null ? payload : { ...payload, consumed: row.consumed };
}

/**
 * The loser of a race presents a credential that was used a moment ago: the whole family is revoked.
 * @see RFC 9700 §4.14.2, RFC 6749 §4.1.2
 */
function refuseReuse(model: string, id: string, statements: Statements): never {
  const grantId = statements.grantOf.get(model, id)?.grantId;
  if (typeof grantId !== 'string') throw new errors.InvalidRequest('this request was already used');
  statements.deleteFamily.run(grantId);
  statements.deleteById.run('Grant', grantId);
  throw new errors.InvalidGrant({ detail: reusedDetail });
}

/** What an `invalid_grant` error carries when a race was lost; `events.ts` tells it from other refusals. */
export const reusedDetail = 'used twice at the same time';
