/** What the documents promise about the code, as findings in words. Pure: texts in, sentences out; the test reads the files. */
import { posix } from 'node:path';

/** The text of a file by its path from the root; '' for a folder; null when there is nothing. */
export type ReadFile = (path: string) => string | null;
export type Doc = { path: string; text: string };

/** Relative links that lead nowhere, in Markdown and in `src` of HTML. Addresses with a scheme and anchors within a page are left alone. */
export function findBrokenLinks({ path, text }: Doc, read: ReadFile): string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)|\bsrc="([^"]+)"/g)].map(
    ([, link, source]) => link ?? source ?? '',
  );
  return links
    .filter((link) => !/^([a-z]+:|#|<)/i.test(link))
    .map((link) => link.split('#', 1)[0] ?? '')
    .filter((link) => read(resolveFrom(path, link)) === null)
    .map((link) => `${path}: the link to ${link} leads nowhere`);
}

/** A link to a line is wrong after the next edit of that file: documents name files and functions. */
export function findLineLinks({ path, text }: Doc): string[] {
  return [...text.matchAll(/\]\(([^)\s]+#L\d+)\)/g)].map(([, link]) => `${path}: ${link} names a line`);
}

/** `[file](../path.ts) `name`, `other``: each function, constant, class or type that stands right behind a link is declared in that file. */
export function findMisnamed({ path, text }: Doc, read: ReadFile): string[] {
  const shape = /\]\(([^)\s#]+\.(?:tsx?|mjs|js))\)((?:,? (?:and )?`\w+`)+)/g;
  return [...withoutCode(text).matchAll(shape)].flatMap(([, link = '', names = '']) => {
    const source = read(resolveFrom(path, link)) ?? '';
    return [...names.matchAll(/`(\w+)`/g)]
      .map(([, name = '']) => name)
      .filter((name) => !isDeclaredIn(source, name))
      .map((name) => `${path}: ${link} does not declare ${name}`);
  });
}

/** `words` that `text` does not hold as `` `word` ``. */
export function findMissing(text: string, words: readonly string[]): string[] {
  return words.filter((word) => !text.includes(`\`${word}\``));
}

/** The codes of `type ErrorCode` in the source of lib/strongroom/base/errors.ts. */
export function listErrorCodes(source: string): string[] {
  const union = /type ErrorCode =([\s\S]*?);/.exec(source)?.[1] ?? '';
  return [...union.matchAll(/'(\w+)'/g)].map(([, code = '']) => code);
}

/** The reasons that the source of lib/strongroom/base/error-reasons.ts lists. */
export function listErrorReasons(source: string): string[] {
  return [...source.matchAll(/[|:] '([a-z_\dx]+)'/g)].map(([, reason = '']) => reason);
}

/** Other reasons that the source writes into the log: `reason: 'word'`. */
export function listReasons(source: string): string[] {
  return [...source.matchAll(/\breason: '([a-z_]+)'/g)].map(([, reason = '']) => reason);
}

/** The closed list of events, from its source. */
export function listEvents(source: string): string[] {
  const [, list = ''] = source.split('export const eventNames = [');
  return [...(list.split(']')[0] ?? '').matchAll(/'(\w+)'/g)].map(([, event = '']) => event);
}

/** The address of a page or route by its file: `app/a/[id]/page.tsx` is `/a/[id]`; null for any other file. */
export function addressOfRoute(file: string): string | null {
  const folder = /^app(\/.*)?\/(?:page\.tsx|route\.ts)$/.exec(file);
  return folder === null ? null : (folder[1] ?? '/');
}

function isDeclaredIn(source: string, name: string): boolean {
  return new RegExp(
    `^\\s*(?:export )?(?:default )?(?:async )?(?:function|const|class|type) ${name}\\b`,
    'm',
  ).test(source);
}

function resolveFrom(docPath: string, link: string): string {
  return posix.join(posix.dirname(docPath), decodeURIComponent(link));
}

/** Fenced blocks show code and drawings: nothing in them is a link. */
function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}
