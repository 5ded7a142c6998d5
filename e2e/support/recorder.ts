/**
 * Records everything that a browser receives: addresses, headers and bodies of every response of every
 * server, and what it keeps.
 */
import type { BrowserContext, Page, Response } from '@playwright/test';

export type Received = { url: string; status: number; headers: Record<string, string>[]; body: string };

export class Recorder {
  readonly #pending: Promise<Received>[] = [];

  constructor(context: BrowserContext) {
    context.on('response', (response) => this.#pending.push(read(response)));
  }

  received(): Promise<Received[]> {
    return Promise.all(this.#pending);
  }
}

async function read(response: Response): Promise<Received> {
  const headers = await response.headersArray().catch(() => []);
  const body = await response.body().catch(() => Buffer.alloc(0));
  return {
    url: response.url(),
    status: response.status(),
    headers: headers.map(({ name, value }) => ({ name, value })),
    body: body.toString('utf8'),
  };
}

/**
 * What scripts of the page can reach: storages, readable cookies, globals with text in them, history, the
 * document itself.
 */
export function readReachable(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const caches_ = 'caches' in globalThis ? await caches.keys() : [];
    const databases = 'databases' in indexedDB ? await indexedDB.databases() : [];
    const globals = Object.getOwnPropertyNames(globalThis).map((name) => {
      try {
        return JSON.stringify((globalThis as Record<string, unknown>)[name]) ?? '';
      } catch {
        return '';
      }
    });
    return JSON.stringify([
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      history.state,
      location.href,
      document.referrer,
      caches_,
      databases,
      performance.getEntries().map((entry) => entry.name),
      document.documentElement.outerHTML,
      globals,
    ]);
  });
}
