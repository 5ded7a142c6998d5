/** What a user is called on a page. Pure. */
import type { SessionView } from 'strongroom';

type User = Pick<SessionView['user'], 'name' | 'email' | 'subject'>;

/** Their name, else their e-mail address, else what the sign-in service calls them. */
export function nameOf({ name, email, subject }: User): string {
  return name || email || subject;
}

/** Tells two accounts of one name apart. */
export function describeAccount(user: User): string {
  const name = nameOf(user);
  return user.email === null || user.email === name ? name : `${name} (${user.email})`;
}

/** At most two letters: of the first and the last word. What stands in brackets is another spelling. */
export function initialsOf(name: string): string {
  const words = wordsOf(name.replace(/[([（【].*$/u, ''));
  const [first, ...others] = words.length > 0 ? words : wordsOf(name);
  const chosen = others.length > 0 ? [first, others.at(-1)] : [first];
  return chosen.map((word) => firstLetterOf(word ?? '').toLocaleUpperCase('en')).join('');
}

function wordsOf(text: string): string[] {
  return text.split(/[\s@._-]+/).filter((word) => firstLetterOf(word) !== '');
}

function firstLetterOf(word: string): string {
  return /\p{L}\p{M}*/u.exec(word)?.[0] ?? '';
}
