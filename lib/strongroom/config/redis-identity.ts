/**
 * The certificate and the private key that this client shows to a Redis which asks for them. They are in the
 * environment, since the process may read no files. Pure.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';

/** An environment file holds one line for each variable. */
export function unfoldPem(text: string): string {
  return text.replaceAll('\\n', '\n');
}

/** What is wrong with REDIS_TLS_CLIENT, as the second half of a sentence, or null. */
export function findIdentityProblem(text: string): string | null {
  const pem = unfoldPem(text);
  if (!/-----BEGIN CERTIFICATE-----/.test(pem)) return 'holds no certificate (PEM)';
  if (!/-----BEGIN (?:\w+ )?PRIVATE KEY-----/.test(pem)) return 'holds no private key (PEM, not encrypted)';
  try {
    const key = createPrivateKey(pem);
    return new X509Certificate(pem).checkPrivateKey(key)
      ? null
      : 'holds a private key that is not that of its first certificate';
  } catch {
    return 'cannot be read: write certificate and key as PEM, with \\n or line ends between the lines';
  }
}
