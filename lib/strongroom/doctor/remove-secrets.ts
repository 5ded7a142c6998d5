/**
 * The last line of defence of what is printed: a server may repeat in its words what it was sent. Pure.
 */
import type { Config } from '../config/parse-config';
import type { Finding } from './finding';

/** An assertion, of ours or of the platform. */
const token = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

export function removeSecrets(findings: readonly Finding[], config: Config): Finding[] {
  const secrets = listSecrets(config);
  const clean = (text: string) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '[removed]'), text).replace(token, '[removed]');
  return findings.map(({ words, mend, ...rest }) => ({
    ...rest,
    words: clean(words),
    ...(mend === undefined ? {} : { mend: clean(mend) }),
  }));
}

/** As they stand, and as they are sent in a form or an address. */
function listSecrets({ clientSecret, clientKeys, secrets, redisUrl, egressProxyUrl }: Config): string[] {
  const passwords = [redisUrl, egressProxyUrl].map((url) => URL.parse(url ?? '')?.password ?? '');
  const ofKeys = clientKeys.flatMap(({ privateJwk, publicJwk }) =>
    Object.entries(privateJwk).flatMap(([name, value]) => (name in publicJwk ? [] : [value])),
  );
  const plain = [clientSecret ?? '', ...secrets.entries.map(({ secret }) => secret), ...ofKeys, ...passwords];
  return [...plain, ...plain.map(encodeURIComponent)].filter((secret) => secret !== '');
}
