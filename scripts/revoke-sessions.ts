/**
 * `npm run revoke-sessions -- <sub>`: revokes every session of one user, at every instance, at once. An
 * operator runs it beside the application: it reads AUTH_URL, AUTH_ISSUER and REDIS_URL as the application
 * does, and its whole environment where there is an audit log.
 * @see ASVS 7.4.5
 */
import './typescript-sources.ts';

/** As long as a session may live at the most (SESSION_MAX_HOURS). */
const longestMs = 720 * 3_600_000;

const [subject, ...more] = process.argv.slice(2);
const { AUTH_URL, AUTH_ISSUER, REDIS_URL, REDIS_TLS_CLIENT } = process.env;
if (!subject || more.length > 0)
  fail('Name the user by `sub` of the ID token: npm run revoke-sessions -- usr_8Kq3vTzW1mXd');
if (!AUTH_URL || !AUTH_ISSUER) fail('Set AUTH_URL and AUTH_ISSUER as the application has them.');
if (!REDIS_URL)
  fail(
    'Without REDIS_URL the application keeps revocations in its own memory, which nothing else can reach.\nSet SESSIONS_NOT_BEFORE to this moment and restart it: that revokes the sessions of all users.',
  );

const { setLogLevel } = await import('../lib/strongroom/base/log.ts');
const { findRedisProblem } = await import('../lib/strongroom/config/redis-address.ts');
const { declaration } = await import('../lib/declaration.ts');
const { setDeclaration } = await import('../lib/strongroom/config/declaration.ts');
const { auditRevocation } = await import('../lib/strongroom/sign-in/audit-revocation.ts');
const { unfoldPem } = await import('../lib/strongroom/config/redis-identity.ts');
const { userKey } = await import('../lib/strongroom/session/revocation-keys.ts');
const { keyPrefix } = await import('../lib/strongroom/store/key-prefix.ts');
const { createRedisStore } = await import('../lib/strongroom/store/redis-store.ts');

const problem = findRedisProblem(REDIS_URL);
if (problem !== null) fail(`REDIS_URL ${problem}.`);
setLogLevel('silent');
const store = createRedisStore(
  REDIS_URL,
  keyPrefix(AUTH_URL),
  REDIS_TLS_CLIENT ? unfoldPem(REDIS_TLS_CLIENT) : null,
);
const key = userKey('revoked_by_operator', AUTH_ISSUER, subject);
try {
  if (!(await store.untilReplicated(key, () => store.raise(key, Date.now(), longestMs))))
    console.warn('No replica has acknowledged this yet: it is lost if this Redis fails now.');
  console.log(`Every session of ${subject} that began before now is over. The user may sign in again.`);
  setDeclaration(declaration);
  const isAudited = (process.env.AUDIT_LOG ?? 'off') !== 'off';
  const unrecorded = isAudited ? await auditRevocation(subject) : null;
  if (unrecorded !== null) console.warn(`The audit log has no record of it: ${unrecorded}.`);
} catch (error) {
  fail(`Redis did not take it: ${reasonOf(error)}. Nothing was revoked.`);
} finally {
  await store.close();
}

/** The innermost cause is what Redis, or the network, says. */
function reasonOf(error: unknown): string {
  let link = error;
  while (link instanceof Error && link.cause instanceof Error) link = link.cause;
  return link instanceof Error && link.message !== '' ? link.message : 'no response';
}

function fail(words: string): never {
  console.error(words);
  process.exit(1);
}
