/**
 * The certificate and the private key that this client shows to a Redis which asks for them. They are in the
 * environment, since the process may read no files. Pure.
 */

/** An environment file holds one line for each variable. */
export function unfoldPem(text: string): string {
  return text.replaceAll('\\n', '\n');
}

const certificate = /-----BEGIN CERTIFICATE-----\n[\w+/=\n]{1,10000}-----END CERTIFICATE-----/;
const privateKey =
  /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----\n[\w+/=\n]{1,10000}-----END (?:RSA |EC )?PRIVATE KEY-----/;

/** What is wrong with REDIS_TLS_CLIENT, as the second half of a sentence, or null. */
export function findIdentityProblem(text: string): string | null {
  const pem = unfoldPem(text).replaceAll('\r', '');
  if (!certificate.test(pem)) return 'holds no certificate: write it as PEM, with \\n or line ends';
  return privateKey.test(pem) ? null : 'holds no private key: write it as PEM, and not encrypted';
}
