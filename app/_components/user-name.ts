/** What a user is called on a page. Pure. */
import type { SessionView } from 'strongroom';

type User = Pick<SessionView['user'], 'name' | 'email' | 'subject'>;

/** Their name, else their e-mail address, else what the sign-in service calls them. */
export function nameOf({ name, email, subject }: User): string {
  return name || email || subject;
}

/** At most two letters: of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  return chosen.map((word) => [...(word ?? '')][0]?.toLocaleUpperCase('en') ?? '').join('');
}
