/** How much JavaScript a page loads, compressed, and how long the cookies of a signed-in user are. */
import { gzipSync } from 'node:zlib';
import { sendOne, type Target } from './load.ts';
import { printTable } from './report.ts';

/** @param ways the first one is the framework's own */
export async function printSizes(ways: readonly (Target & { name: string })[]): Promise<void> {
  const sizes = await Promise.all(ways.map(measureScripts));
  const ownKb = sizes[0] ?? 0;
  const asKb = (kilobytes: number) => kilobytes.toFixed(1);
  console.log('');
  printTable([
    ['', 'JavaScript, kB gz', 'more than the framework', 'session cookie, bytes'],
    ...ways.map(({ name, headers }, at) => [
      name,
      asKb(sizes[at] ?? 0),
      asKb((sizes[at] ?? 0) - ownKb),
      String(measureCookie(headers?.cookie ?? '')),
    ]),
  ]);
}

/** Kilobytes of the files that the page names; those for browsers without modules are not loaded. */
async function measureScripts(target: Target): Promise<number> {
  const html = await sendOne(target);
  const tags = html.match(/<script\b[^>]*>/g) ?? [];
  const loaded = tags
    .filter((tag) => !/\bnomodule\b/i.test(tag))
    .map((tag) => /\bsrc="([^"]+)"/.exec(tag)?.[1]);
  const paths = [...new Set(loaded.filter((path) => path !== undefined))];
  const bodies = await Promise.all(paths.map((path) => sendOne({ ...target, path })));
  const bytes = bodies.map((body) => gzipSync(Buffer.from(body, 'latin1'), { level: 9 }).byteLength);
  return bytes.reduce((sum, one) => sum + one, 0) / 1024;
}

/** Names and values of what holds the session, without what was noted about the last visit. */
function measureCookie(header: string): number {
  const session = header
    .split('; ')
    .filter((pair) => /^(?:__Host-)?strongroom(?:_\d+)?(?:\.\d)?=/.test(pair));
  return session.reduce((sum, pair) => sum + pair.length, 0);
}
