/**
 * The numbered list of secrets in `AUTH_SECRET`: all of them open, and the highest number seals that is not marked
 * `next`, so that every instance can know a secret before the first one seals with it; and Next's own key. Pure.
 */

type NumberedSecret = { number: number; secret: string; isNext: boolean };

export type NumberedSecrets = {
  /** Secret by number, highest number first. */
  entries: readonly NumberedSecret[];
};

const numbered = /^(?:(\d{1,6}):(next:)?)?(.*)$/is;
const minSecretChars = 32;
const placeholders = /change.?me|example|placeholder|your.?secret|<.*>|x{8,}|0{8,}|1234567890|password/i;

/** @returns the list, or a sentence that says what to fix */
export function parseSecrets(text: string): NumberedSecrets | string {
  const parts = text.split(',').map((part) => part.trim());
  const entries: NumberedSecret[] = [];
  for (const part of parts) {
    const [, number, mark, secret = ''] = numbered.exec(part) ?? [];
    if (number === undefined && parts.length > 1)
      return 'must number every secret of the list, such as 2:new,1:old; the one that had no number is 1';
    const problem = findSecretProblem(secret);
    if (problem !== null) return problem;
    entries.push({ number: Number(number ?? 1), secret, isNext: mark !== undefined });
  }
  if (new Set(entries.map((entry) => entry.number)).size !== entries.length)
    return 'must have another number for every secret';
  const sorted = entries.toSorted((a, b) => b.number - a.number);
  const firstToSeal = sorted.findIndex((entry) => !entry.isNext);
  if (firstToSeal === -1)
    return 'has only secrets marked next; keep the old one in the list, or remove the mark';
  if (sorted.findLastIndex((entry) => entry.isNext) > firstToSeal)
    return 'marks a secret next that another one has replaced; give it the highest number, or remove the mark';
  return { entries: sorted };
}

/** What is wrong with a secret, as the second half of a sentence, or null. */
export function findSecretProblem(secret: string): string | null {
  // Such as `nxt:` before it: the secret would seal at once.
  if (/^[a-z]{1,8}:|:[a-z]{1,8}$/i.test(secret))
    return 'has a mark that is unknown; a secret that does not seal yet is written as in 3:next:…';
  if (placeholders.test(secret)) return 'is a placeholder; make a secret with: npm run secret';
  if (/\s/.test(secret)) return 'has a space in it; write nothing behind the value, no comment either';
  if (secret.length < minSecretChars)
    return `is too short (${secret.length} of at least ${minSecretChars} characters); make one with: npm run secret`;
  if (new Set(secret).size < 10) return 'repeats too few characters; make a secret with: npm run secret';
  return null;
}

/** The key of server actions, where it is configured: 32 bytes. */
export function findActionKeyProblem(key: string): string | null {
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length === 32 && bytes.toString('base64') === key) return null;
  return 'must be 32 bytes in base64, such as the output of: openssl rand -base64 32';
}
