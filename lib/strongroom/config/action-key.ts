/**
 * The key with which Next encrypts what a page holds for its server actions. Next would make one in every build, so
 * that pages of one build would fail at the other; builds know no secret (next.config.js), so it is made at the start.
 */
import 'server-only';
import { hkdfSync } from 'node:crypto';
import { getConfig } from './config';

const variable = 'NEXT_SERVER_ACTIONS_ENCRYPTION_KEY';

/** Gives Next the configured key, or that of AUTH_SECRET. Next reads it with its first action. */
export function setActionKey(): void {
  const { actionKey, secrets } = getConfig();
  process.env[variable] = actionKey ?? deriveActionKey(secrets.entries.at(-1)?.secret ?? '');
}

/** Of the lowest-numbered secret, so that adding a newer one leaves it as it is. @see RFC 5869 */
export function deriveActionKey(secret: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', 'strongroom/actions/v1', 32)).toString('base64');
}
