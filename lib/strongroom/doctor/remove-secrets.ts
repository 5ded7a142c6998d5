/**
 * The last line of defence of what is printed: a server may repeat in its words what it was sent.
 */
import 'server-only';
import type { Config } from '../config/parse-config';
import { parseRedisAddress } from '../config/redis-address';
import { encodeCredential } from '../oauth/client-authentication';
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

/** As they stand, and as they are sent in a form, an address or a Basic header. */
function listSecrets(config: Config): string[] {
  const { clientId, clientSecret, clientKeys, secrets, actionKey, redisUrl, egressProxyUrl } = config;
  const egress = URL.parse(egressProxyUrl ?? '');
  const passwords = [egress?.password ?? '', ...listRedisPasswords(redisUrl)];
  const ofKeys = clientKeys.flatMap(({ privateJwk, publicJwk }) =>
    Object.entries(privateJwk).flatMap(([name, value]) => (name in publicJwk ? [] : [value])),
  );
  const { destination } = config.audit;
  const ofAudit = destination?.kind === 'collector' ? (destination.authorization ?? '') : '';
  const ofRedis = config.redisIdentity ?? '';
  const ofUs = [
    clientSecret ?? '',
    actionKey ?? '',
    ofAudit,
    ofRedis,
    ...secrets.entries.map(({ secret }) => secret),
  ];
  const plain = [...ofUs, ...ofKeys, ...passwords, ...passwords.map(decode)];
  const headers = [
    ...(clientSecret === null ? [] : listHeaders(clientId, clientSecret)),
    ...(egress?.password ? listHeaders(decode(egress.username), decode(egress.password)) : []),
  ];
  // Longer ones first: none is cut by another that is part of it.
  return [...headers, ...plain, ...plain.map(encodeURIComponent)]
    .filter((secret) => secret !== '')
    .toSorted((a, b) => b.length - a.length);
}

function listRedisPasswords(redisUrl: string | null): string[] {
  if (redisUrl === null) return [];
  const { password, sentinel } = parseRedisAddress(redisUrl);
  return [password, sentinel.password];
}

/** @see RFC 7617 §2, and RFC 6749 §2.3.1 (encoded) */
function listHeaders(user: string, password: string): string[] {
  const pairs = [`${user}:${password}`, `${encodeCredential(user)}:${encodeCredential(password)}`];
  return pairs.map((pair) =>
    Buffer.from(pair)
      .toString('base64')
      .replace(/={1,2}$/, ''),
  );
}

/** A password in an address may hold a percent sign that encodes nothing. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
