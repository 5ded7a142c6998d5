/**
 * What must hold after every case, whatever it was about. Pure: evidence in, breaches out, so that each invariant can be seen to fail on
 * evidence that is doctored.
 */
import { decodeEntities, type Page } from '../support/http-browser.ts';
import { findLeaks, type Secret } from '../support/leaks.ts';
import { type Outcome, type OutcomeName, outcomes } from './outcomes.ts';

export type Evidence = {
  /** Null for a case that ends on no page. */
  outcome: OutcomeName | null;
  /** Where the case ended, and how long that took. */
  page: Page | null;
  durationMs: number;
  /** `/dashboard` afterwards, in the same browser. */
  home: Page;
  /** Who is signed in there, by the name that pages show, or null for nobody. */
  signedIn: { sub: string; name: string } | null;
  /** The session's cookie before and after; `isKept`: the case must not touch it. */
  session: { before: string | null; after: string | null; isKept: boolean };
  /** Sign-ins that the browser still has open, and how many it may have. */
  transactions: { left: number; allowed: number };
  /** Every answer of the application to the browser, headers and body, and what was said to nobody but the authorization server. */
  received: readonly string[];
  secrets: readonly Secret[];
  /** What its browser may know, and the log may not. */
  unlogged: readonly Secret[];
  /** What the application printed. */
  lines: readonly string[];
  /** Whether the reference on the page is in the log. */
  isReferenceLogged: boolean;
  /** How long `/healthz` took to say that all is well; null when it did not. */
  healthMs: number | null;
  /** Memory that the application has taken since it was ready. */
  grownMb: number;
  /** Whom each token that the API saw belongs to, by subject; null for a token that nobody has. */
  apiOwners: readonly (string | null)[];
  /** Requests to servers that nobody may ask. */
  strangers: readonly string[];
  /** What the authorization server did not like about any request. */
  oracle: readonly string[];
};

/** Text that every party says wherever it can: never a tag of ours. */
export const marker = '<x-xss>"\'&';

const maxRotationsBehind = 10;
const maxMs = 15_000;
/** Both generous: what is looked for is a process that hangs, or that never gives anything back. */
const maxHealthMs = 2_000;
const maxGrownMb = 400;
/** Every party says one of these wherever it can. */
const foreignWords = /x-marker|x-xss/;

const invariants: Record<string, (evidence: Evidence) => (string | false)[]> = {
  I1: ({ home, signedIn, session, transactions }) => [
    signedIn === null && home.url.pathname !== '/sign-in' && 'somebody is signed in',
    signedIn !== null && home.url.pathname !== '/dashboard' && 'nobody is signed in',
    signedIn !== null && !decodeEntities(home.html).includes(signedIn.name) && 'somebody else is signed in',
    session.isKept && session.before !== session.after && 'the session that was there has changed',
    signedIn === null && ![null, session.before].includes(session.after) && 'there is a session',
    transactions.left > transactions.allowed && `${transactions.left} sign-ins are still open`,
  ],
  I2: (evidence) => [...validateSecrets(evidence), ...validateLog(evidence)],
  I3: ({ healthMs, grownMb, lines }) => [
    healthMs === null && '/healthz does not answer',
    healthMs !== null && healthMs > maxHealthMs && `/healthz took ${healthMs} ms`,
    grownMb > maxGrownMb && `${grownMb} MB more than at the start`,
    ...lines.filter((line) => !isLogLine(line)).map((line) => `printed: ${line}`),
  ],
  I4: (evidence) => [...validatePage(evidence), ...validateReference(evidence)],
  I5: ({ apiOwners, signedIn, strangers }) => [
    ...apiOwners
      .filter((owner) => owner === null || owner !== signedIn?.sub)
      .map((owner) => `the API saw a token of ${owner}`),
    ...strangers.map((request) => `somebody else was asked: ${request}`),
  ],
  I6: ({ received }) => [
    received.some((text) => text.includes(marker)) && 'the marker is on a page as it came',
  ],
  I7: ({ received }) =>
    received.map((text) => !isStoredNowhere(text) && `may be stored: ${text.slice(0, 200)}`),
  I8: ({ durationMs }) => [durationMs > maxMs && `took ${durationMs} ms`],
  oracle: ({ oracle }) => [...oracle],
};

/** @returns what does not hold, each with the number of its invariant */
export function findBreaches(evidence: Evidence): string[] {
  return Object.entries(invariants).flatMap(([name, find]) =>
    find(evidence)
      .filter((breach) => breach !== false)
      .map((breach) => `${name}: ${breach}`),
  );
}

function validateSecrets({ received, lines, secrets }: Evidence): string[] {
  const texts = [...received, lines.join('\n')];
  // All at once first: the forms of a secret are worked out for each text that is searched.
  if (findLeaks(texts.join('\n'), secrets).length === 0) return [];
  return texts.flatMap((text) =>
    findLeaks(text, secrets).map(({ name, form }) => `${name}, ${form}, in: ${text.slice(0, 200)}`),
  );
}

/** The log says nothing in the words of others, and nothing by which a sign-in could be found or finished. */
function validateLog({ lines, unlogged }: Evidence): string[] {
  const leaks = findLeaks(lines.join('\n'), unlogged);
  return [
    ...leaks.map(({ name, form }) => `${name}, ${form}, in the log`),
    ...lines.filter((line) => foreignWords.test(line)).map((line) => `words of others in the log: ${line}`),
  ];
}

/** Whatever goes wrong, there is a page that says so in the words of its outcome. */
function validatePage({ page, outcome }: Evidence): (string | false)[] {
  if (outcome === null) return [];
  if (page === null) return ['no page'];
  const { status, code, path, words }: Outcome = outcomes[outcome];
  const { url, html, hops, headers } = page;
  return [
    page.status !== status &&
      `${outcome} is ${status}, and this is ${page.status} at ${url.pathname}${url.search}`,
    ![code].flat().includes(url.searchParams.get('code')) &&
      `the problem is ${url.searchParams.get('code')}, not ${code}`,
    path !== null && url.pathname !== path && `the page is ${url.pathname}`,
    !headers.get('content-type')?.startsWith('text/html') && 'not a page',
    !/<h1\b/.test(html) && 'a blank page',
    /Internal Server Error|\bat \S+ \(.*:\d+:\d+\)/.test(html) && 'a bare error',
    hops.length > maxRotationsBehind && `${hops.length} hops`,
    status === 503 && headers.get('retry-after') === null && 'no Retry-After',
    ...words.map((pattern) => !pattern.test(html) && `the page does not say ${pattern}`),
  ];
}

/** The reference on a problem page is the one of its line in the log. */
function validateReference({ page, outcome, isReferenceLogged }: Evidence): (string | false)[] {
  if (outcome === null || page === null || outcomes[outcome].code === null) return [];
  return [
    !page.html.includes(referenceOn(page)) && 'the reference is not on the page',
    !isReferenceLogged && 'the reference is not in the log',
  ];
}

export function referenceOn({ url }: Page): string {
  return url.searchParams.get('ref') ?? 'no reference';
}

/** The log is JSON, line by line: anything else was printed by an accident. */
function isLogLine(line: string): boolean {
  return line === '' || (line.startsWith('{"level"') && !/unhandled|uncaught/i.test(line));
}

function isStoredNowhere(answer: string): boolean {
  return /^cache-control: .*\bno-store\b/m.test(answer);
}
