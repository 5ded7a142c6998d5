/** The numbered list of secrets in `AUTH_SECRET`: the highest number seals, all of them open; and Next's own key. Pure. */

export type NumberedSecrets = {
  /** Secret by number, highest number first. */
  entries: readonly { number: number; secret: string }[];
};

const minSecretChars = 32;
const placeholders = /change.?me|example|placeholder|your.?secret|<.*>|x{8,}|0{8,}|1234567890|password/i;

/** @returns the list, or a sentence that says what to fix */
export function parseSecrets(text: string): NumberedSecrets | string {
  const parts = text.split(',').map((part) => part.trim());
  const entries: { number: number; secret: string }[] = [];
  for (const part of parts) {
    const match = /^(?:(\d{1,6}):)?(.*)$/s.exec(part);
    const secret = match?.[2] ?? '';
    if (match?.[1] === undefined && parts.length > 1)
      return 'number every secret of the list, such as 2:new,1:old';
    const problem = findSecretProblem(secret);
    if (problem !== null) return problem;
    entries.push({ number: Number(match?.[1] ?? 1), secret });
  }
  if (new Set(entries.map((entry) => entry.number)).size !== entries.length)
    return 'give every secret its own number';
  return { entries: entries.toSorted((a, b) => b.number - a.number) };
}

/** What is wrong with a secret, as the second half of a sentence, or null. */
export function findSecretProblem(secret: string): string | null {
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
