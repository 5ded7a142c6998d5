/**
 * One key per purpose, derived from each numbered secret: a seal made for one purpose never opens as another.
 * @see RFC 5869
 */
import 'server-only';
import { hkdfSync } from 'node:crypto';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';

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

/** Keys by number, as iron-session takes them: it seals with the highest number and opens with all. */
export function keysFor(purpose: Purpose): Record<string, string> {
  return processSingleton(`keys.${purpose}`, () => {
    const { entries } = getConfig().secrets;
    return Object.fromEntries(
      entries.map(({ number, secret }) => [String(number), deriveKey(secret, purpose)]),
    );
  });
}

function deriveKey(secret: string, purpose: Purpose): string {
  const key = hkdfSync('sha256', secret, '', `strongroom/${purpose}/v1`, 32);
  return Buffer.from(key).toString('base64url');
}
