import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/http-server';
import { sendForText, sendStreamed, sendWhole } from './http-client';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  server.handlers['/a'] = (_request, response) => response.end('a'.repeat(1_000));
});
afterAll(() => server.close());

const limits = { timeoutMs: 120_000, maxBytes: 10_000 };
const whole = { method: 'GET', headers: new Headers(), body: null };
const page = new AsyncLocalStorage<object>();

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const pages = 10;
/** A connection keeps the last request that it was used for. */
const maxConnections = 2;

/** Of how many pages, for each of which `work` runs, something is still in memory afterwards. */
async function countKept(work: (url: URL) => Promise<unknown>): Promise<number> {
  const url = new URL(`${server.origin}/a`);
  const belongings: WeakRef<object>[] = [];
  for (let count = 0; count < pages; count += 1)
    await page.run({}, async () => {
      await work(url);
      belongings.push(new WeakRef(page.getStore() ?? {}));
    });
  const kept = () => belongings.filter((one) => one.deref() !== undefined).length;
  for (let count = 0; count < 20 && kept() > maxConnections; count += 1) {
    await turn();
    collectGarbage();
  }
  return kept();
}

describe('when a response has been read, nothing that belongs to its page stays in memory', () => {
  it.each([
    ['as a text', (url: URL) => sendForText(url, whole, limits).then((response) => response.text())],
    ['as a whole', (url: URL) => sendWhole(url, whole, limits).then((response) => response.text())],
    ['as a stream', (url: URL) => sendStreamed(url, whole, limits).then((response) => response.text())],
    ['and cancelled', (url: URL) => sendStreamed(url, whole, limits).then(({ body }) => body?.cancel())],
    [
      'and refused for its length',
      (url: URL) => sendWhole(url, whole, { ...limits, maxBytes: 10 }).catch(() => null),
    ],
    [
      'with a signal of its caller',
      (url: URL) => sendWhole(url, { ...whole, signal: new AbortController().signal }, limits),
    ],
  ])('%s', async (_name, work) => {
    expect(await countKept(work)).toBeLessThanOrEqual(maxConnections);
  });

  it('and a timer that nobody clears would be seen here', async () => {
    expect(await countKept(async () => setTimeout(() => {}, 120_000).unref())).toBe(pages);
  });
});
