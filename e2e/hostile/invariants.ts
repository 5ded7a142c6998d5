/**
 * What must hold after every case, whatever it was about. Pure: evidence in, breaches out, so that a test can
 * show each invariant failing on doctored evidence. None of them measures time: how long a case may take is
 * limited by the browser, which gives up a request after three times the product's own limit.
 */
import { decodeEntities, type Page } from '../support/http-browser.ts';
import { findLeaks, type Secret } from '../support/leaks.ts';
import { codeOf, type Outcome, type OutcomeName, outcomes } from './outcomes.ts';

export type Evidence = {
  /** Null for a case that does not end on a page. */
  outcome: OutcomeName | null;
  /** Where the case ended. */
  page: Page | null;
  /**
   * How often the application asked the authorization server, and how many responses the browser received
   * meanwhile.
   */
  traffic: { requests: number; responses: number };
  /** `/dashboard` afterwards, in the same browser. */
  home: Page;
  /** Who is signed in there, with the name that pages show; null: there is no session. */
  signedIn: { sub: string; name: string } | null;
  /** The session's cookie before and after; `isKept`: the case must not touch it. */
  session: { before: string | null; after: string | null; isKept: boolean };
  /** Transactions that the browser still has open, and how many it may have. */
  transactions: { left: number; allowed: number };
  /** Every response of the application to the browser, headers and body. */
  received: readonly string[];
  /** What neither the browser nor the log may receive. */
  secrets: readonly Secret[];
  /** What the browser may receive, and the log may not. */
  unlogged: readonly Secret[];
  /** What the application printed. */
  lines: readonly string[];
  /** Whether the reference on the page is in the log. */
  isReferenceLogged: boolean;
  /** Whether `/healthz` says that all is well. */
  isHealthy: boolean;
  /** Memory that the application has taken since it was ready, in megabytes. */
  grownMb: number;
  /**
   * Subject of the user to whom each token that the API received belongs; null: the server never issued that
   * token.
   */
  apiOwners: readonly (string | null)[];
  /** Requests to servers that the application must never ask. */
  unexpectedRequests: readonly string[];
  /** What was wrong with requests, by the authorization server's oracle. */
  oracle: readonly string[];
};

/** Text that every server says wherever it can. None of our pages contains it as a tag. */
export const marker = '<x-xss>"\'&';

const maxRedirects = 9;
/**
 * Metadata, pushed request, token, keys twice, userinfo and revocation: an application that sends more
 * repeats itself.
 */
const maxRequestsPerResponse = 8;
/** Generous: it finds a process that never releases its memory. */
const maxGrownMb = 400;
/** Every server says one of these wherever it can. */
const wordsOfOthers = /x-marker|x-xss/;

const invariants: Record<string, (evidence: Evidence) => (string | false)[]> = {
  I1: ({ home, signedIn, session, transactions }) => [
    signedIn === null && home.url.pathname !== '/sign-in' && 'a user is signed in',
    signedIn !== null && home.url.pathname !== '/dashboard' && 'no user is signed in',
    signedIn !== null && !decodeEntities(home.html).includes(signedIn.name) && 'another user is signed in',
    session.isKept && session.before !== session.after && 'the session that was there has changed',
    signedIn === null && ![null, session.before].includes(session.after) && 'there is a session',
    transactions.left > transactions.allowed && `${transactions.left} transactions are still open`,
  ],
  I2: (evidence) => [...validateSecrets(evidence), ...validateLog(evidence)],
  I3: ({ isHealthy, grownMb, lines }) => [
    !isHealthy && '/healthz does not respond',
    grownMb > maxGrownMb && `${grownMb} MB more than at the start`,
    ...lines.filter((line) => !isLogLine(line)).map((line) => `printed: ${line}`),
  ],
  I4: (evidence) => [...validatePage(evidence), ...validateReference(evidence)],
  I5: ({ apiOwners, signedIn, unexpectedRequests }) => [
    ...apiOwners
      .filter((owner) => owner === null || owner !== signedIn?.sub)
      .map((owner) => `the API saw a token of ${owner}`),
    ...unexpectedRequests.map((request) => `another server was asked: ${request}`),
  ],
  I6: ({ received }) => [
    received.some((text) => text.includes(marker)) && 'the marker is on a page unescaped',
  ],
  I7: ({ received }) =>
    received.map((text) => !isStoredNowhere(text) && `may be stored: ${text.slice(0, 200)}`),
  I8: ({ traffic: { requests, responses } }) => [
    requests > maxRequestsPerResponse * (responses + 1) &&
      `the authorization server was asked ${requests} times for ${responses} responses`,
  ],
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
  // All texts are searched at once first, because each search computes every form of every secret.
  if (findLeaks(texts.join('\n'), secrets).length === 0) return [];
  return texts.flatMap((text) =>
    findLeaks(text, secrets).map(({ name, form }) => `${name}, ${form}, in: ${text.slice(0, 200)}`),
  );
}

/** The log contains neither words of other servers nor anything by which a sign-in could be completed. */
function validateLog({ lines, unlogged }: Evidence): string[] {
  const leaks = findLeaks(lines.join('\n'), unlogged);
  return [
    ...leaks.map(({ name, form }) => `${name}, ${form}, in the log`),
    ...lines
      .filter((line) => wordsOfOthers.test(withoutQuotes(line)))
      .map((line) => `words of others in the log: ${line}`),
  ];
}

/** A refusal is quoted in fields of its own. */
function withoutQuotes(line: string): string {
  return line.replace(/"server(?:Error|Description)":"(?:[^"\\]|\\.)*"/g, '');
}

/** Whatever goes wrong, a page says so in the words of its outcome. */
function validatePage({ page, outcome }: Evidence): (string | false)[] {
  if (outcome === null) return [];
  if (page === null) return ['no page'];
  const { status, path, words }: Outcome = outcomes[outcome];
  const code = codeOf(outcome);
  const { url, html, responses, headers } = page;
  return [
    page.status !== status &&
      `${outcome} is ${status}, and this is ${page.status} at ${url.pathname}${url.search}`,
    url.searchParams.get('code') !== code && `the problem is ${url.searchParams.get('code')}, not ${code}`,
    path !== null && url.pathname !== path && `the page is ${url.pathname}`,
    !headers.get('content-type')?.startsWith('text/html') && 'not a page',
    !/<h1\b/.test(html) && 'a blank page',
    /Internal Server Error|\bat \S+ \(.*:\d+:\d+\)/.test(html) && 'a bare error',
    responses.length - 1 > maxRedirects && `${responses.length - 1} redirects`,
    status === 503 && headers.get('retry-after') === null && 'no Retry-After',
    ...words.map((pattern) => !pattern.test(html) && `the page does not say ${pattern}`),
  ];
}

/** The reference on a problem page is also in the log. */
function validateReference({ page, outcome, isReferenceLogged }: Evidence): (string | false)[] {
  if (outcome === null || page === null || codeOf(outcome) === null) return [];
  return [
    !page.html.includes(referenceOn(page)) && 'the reference is not on the page',
    !isReferenceLogged && 'the reference is not in the log',
  ];
}

export function referenceOn({ url }: Page): string {
  return url.searchParams.get('ref') ?? 'no reference';
}

/** Each line of the log is JSON: anything else was printed by accident. */
function isLogLine(line: string): boolean {
  return (
    line === '' ||
    (line.startsWith('{"level"') && !/unhandled|uncaught/i.test(line) && !hasShortenedName(line))
  );
}

/** A class whose name a build shortened says nothing to an operator. */
function hasShortenedName(line: string): boolean {
  const { causes } = JSON.parse(line) as { causes?: unknown };
  return typeof causes === 'string' && causes.split(' < ').some((link) => /^\w{1,4}(?:\(|$)/.test(link));
}

function isStoredNowhere(response: string): boolean {
  return /^cache-control: .*\bno-store\b/m.test(response);
}
