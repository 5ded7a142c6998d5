/**
 * The certificate and the private key that this client shows to a Redis which asks for them. They are in the
 * environment, since the process may read no files. Pure.
 */

/** An environment file holds one line for each variable. */
export function unfoldPem(text: string): string {
  return text.replaceAll('\\n', '\n');
}

const block = (name: string) =>
  new RegExp(`-----BEGIN ${name}-----\\n[\\w+/=\\n]+-----END ${name}-----(?:\\n|$)`);
const certificate = block('CERTIFICATE');
const privateKey = block('(?:RSA |EC )?PRIVATE KEY');

/** What is wrong with REDIS_TLS_CLIENT, as the second half of a sentence, or null. */
export function findIdentityProblem(text: string): string | null {
  const pem = unfoldPem(text).replaceAll('\r', '');
  if (!certificate.test(pem)) return 'holds no certificate: write it as PEM, with \\n or line ends';
  return privateKey.test(pem) ? null : 'holds no private key: write it as PEM, and not encrypted';
}
