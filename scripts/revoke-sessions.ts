/**
 * `npm run revoke-sessions -- <sub>`: revokes every session of one user, at every instance, at once. An
 * operator runs it beside the application: it reads AUTH_URL, AUTH_ISSUER and REDIS_URL as the application
 * does.
 * @see ASVS 7.4.5
 */
import { createClient } from '@redis/client';
import { userKey } from '../lib/strongroom/session/revocation-keys.ts';
import { keyPrefix } from '../lib/strongroom/store/key-prefix.ts';
import { hasReplicas } from '../lib/strongroom/store/redis-info.ts';
import { redisScripts } from '../lib/strongroom/store/redis-scripts.ts';

/** As long as a session may live at the most (SESSION_MAX_HOURS). */
const longestMs = 720 * 3_600_000;
const replicaMs = 1_000;

const [subject, ...more] = process.argv.slice(2);
const { AUTH_URL, AUTH_ISSUER, REDIS_URL } = process.env;
if (!subject || more.length > 0)
  fail('Name the user by `sub` of the ID token: npm run revoke-sessions -- usr_8Kq3vTzW1mXd');
if (!AUTH_URL || !AUTH_ISSUER) fail('Set AUTH_URL and AUTH_ISSUER as the application has them.');
if (!REDIS_URL)
  fail(
    'Without REDIS_URL the application keeps revocations in its own memory, which nothing else can reach.\nSet SESSIONS_NOT_BEFORE to this moment and restart it: that revokes the sessions of all users.',
  );

const client = createClient({ url: REDIS_URL, socket: { connectTimeout: 5_000, reconnectStrategy: false } });
client.on('error', () => {});
try {
  await client.connect();
  const key = keyPrefix(AUTH_URL) + userKey('revoked_by_operator', AUTH_ISSUER, subject);
  await client.eval(redisScripts.raise, { keys: [key], arguments: [String(Date.now()), String(longestMs)] });
  // A managed Redis may reject INFO.
  const replication = await client.info('replication').catch(() => '');
  if (hasReplicas(replication) && (await client.wait(1, replicaMs).catch(() => 0)) === 0)
    console.warn('No replica has acknowledged this yet: it is lost if this Redis fails now.');
  console.log(`Every session of ${subject} that began before now is over. The user may sign in again.`);
} catch (error) {
  fail(
    `Redis did not take it: ${error instanceof Error ? error.message : 'no response'}. Nothing was revoked.`,
  );
} finally {
  if (client.isOpen) client.destroy();
}

function fail(words: string): never {
  console.error(words);
  process.exit(1);
}
