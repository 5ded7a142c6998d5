/**
 * One key per purpose, derived from each numbered secret: a seal made for one purpose never opens as another.
 * @see RFC 5869
 */
import 'server-only';
import { hkdfSync } from 'node:crypto';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import type { NumberedSecrets } from '../config/secrets';

export type Purpose =
  | 'session'
  | 'last_seen'
  | 'token_store'
  | 'id_token_hint'
  | 'transaction'
  | 'pending_action'
  | 'step_up'
  | 'other_account'
  | 'draft'
  | 'list'
  | 'refresh_result'
  | 'consumed_transaction'
  | 'pseudonym'
  | 'device_session'
  | 'bound_cookie'
  | 'registration_challenge'
  | 'renewal_challenge';

/** The keys that open, by number, as iron-session takes them. */
export function keysFor(purpose: Purpose): Record<string, string> {
  return processSingleton(`keys.${purpose}`, () => deriveKeys(getConfig().secrets.entries, purpose));
}

/** The keys without those of secrets that are marked `next`: iron-session seals with the highest number. */
export function sealingKeysFor(purpose: Purpose): Record<string, string> {
  return processSingleton(`sealing-keys.${purpose}`, () =>
    deriveKeys(
      getConfig().secrets.entries.filter(({ isNext }) => !isNext),
      purpose,
    ),
  );
}

function deriveKeys(entries: NumberedSecrets['entries'], purpose: Purpose): Record<string, string> {
  return Object.fromEntries(
    entries.map(({ number, secret }) => [String(number), deriveKey(secret, purpose)]),
  );
}

function deriveKey(secret: string, purpose: Purpose): string {
  const key = hkdfSync('sha256', secret, '', `strongroom/${purpose}/v1`, 32);
  return Buffer.from(key).toString('base64url');
}
