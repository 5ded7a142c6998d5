/** What can be known of the size of cookies before a user signs in. */
import 'server-only';
import { getDeclaration } from '../config/declaration';
import { maxCookieChars, transactionCookieName } from '../session/cookies';
import type { Context } from './context';
import { type Finding, findingsOf } from './finding';

const { ok, warning } = findingsOf('cookies');

/** A name of a part or of a transaction takes its place in every request. */
const longName = 90;

export function checkCookies({ config }: Context): Finding[] {
  const name = transactionCookieName(config, 'x'.repeat(22));
  const { claims } = getDeclaration();
  const store = config.redisUrl === null ? 'the memory of one instance' : 'Redis';
  const words = `at most ${maxCookieChars} characters of 8 KB, ${claims.length} claims among them; tokens that do not fit go to ${store}`;
  if (name.length <= longName) return [ok(words)];
  return [
    warning(`names of cookies take up to ${name.length} characters each`, {
      variable: 'COOKIE_NAME',
      mend: 'choose a shorter one',
    }),
  ];
}
