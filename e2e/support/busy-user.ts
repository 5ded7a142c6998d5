/** A user who clicks, posts and listens all the time, with an open page of the first build; what fails is noted. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { HttpBrowser, Page } from './http-browser.ts';
import { askAsScript, cookieHeader } from './page-script.ts';

const pages = ['/dashboard', '/dashboard/contacts?q=a', '/dashboard/messages', '/dashboard/session'];
const streamPath = '/api/gateway/messages/stream';

export class BusyUser {
  readonly failures: string[] = [];
  readonly posted: string[] = [];
  /** Texts that came over the event stream. */
  heard = '';
  streams = 0;
  rounds = 0;
  readonly #browser: HttpBrowser;
  readonly #origin: string;
  readonly #openPage: Page;
  /** Browsers keep them for a year. */
  readonly #cached = new Set<string>();
  readonly #leaving = new AbortController();
  #waiting: (() => void)[] = [];

  /** @param openPage that of the messages, which stays open */
  constructor(browser: HttpBrowser, openPage: Page) {
    this.#browser = browser;
    this.#openPage = openPage;
    this.#origin = openPage.url.origin;
  }

  /** Until `leave`. */
  async work(): Promise<void> {
    await Promise.all([this.#clickAndPost(), this.#listen()]);
  }

  leave(): void {
    this.#leaving.abort();
  }

  /** Resolves after the given number of whole rounds, each of which clicks and posts. */
  async forRounds(count: number): Promise<void> {
    const target = this.rounds + count;
    while (this.rounds < target && !this.#leaving.signal.aborted)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async #clickAndPost(): Promise<void> {
    while (!this.#leaving.signal.aborted) {
      const path = pages[this.rounds % pages.length] ?? '';
      await this.#try(path, () => this.#click(path));
      await this.#try('a post by a form', () => this.#postForm());
      await this.#try('a post by a script', () => this.#postByScript());
      this.rounds += 1;
      // Users read, and the servers share their processor with this one.
      await wait(200);
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }

  async #try(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.failures.push(`${what} in round ${this.rounds}: ${error} ${(error as Error).cause ?? ''}`);
    }
  }

  /** Loads a page with all that it needs, and one of the files that the open page of the first build may still need. */
  async #click(path: string): Promise<void> {
    const page = await this.#browser.visit(this.#origin + path);
    if (page.status !== 200 || page.url.pathname !== path.split('?')[0])
      throw new Error(`${page.status} at ${page.url.href}`);
    const [files, opened] = [page, this.#openPage].map(listFiles) as [string[], string[]];
    if (files.length < 5) throw new Error('a page without scripts');
    const asked = [
      ...files.filter((file) => !this.#cached.has(file)),
      opened[this.rounds % opened.length] ?? '',
    ];
    for (const file of asked) this.#cached.add(file);
    for (const file of asked) {
      const response = await fetch(this.#origin + file);
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`${response.status} for ${file}`);
    }
  }

  async #postForm(): Promise<void> {
    const text = this.#write('without a script');
    const fields = { text, key: randomUUID() };
    const page = await this.#browser.submit(this.#openPage, /Post message/, fields);
    if (page.status !== 200 || !page.html.includes(text))
      throw new Error(`${page.status} at ${page.url.href}`);
  }

  /** As React sends the form of a page that has its scripts: to the action whose id that page holds. */
  async #postByScript(): Promise<void> {
    const [, form = ''] = /(<form\b(?:(?!<\/form>)[\s\S])*Post message)/.exec(this.#openPage.html) ?? [];
    const [, id = ''] =
      /&quot;id&quot;:&quot;([\da-f]+)&quot;|name="\$ACTION_ID_([\da-f]+)"/.exec(form) ?? [];
    const [, writer = ''] = /name="writer" value="([^"]+)"/.exec(form) ?? [];
    const text = this.#write('by a script');
    const body = new FormData();
    const fields = { text, key: randomUUID(), writer };
    for (const [name, value] of Object.entries(fields)) body.append(`_1_${name}`, value);
    // React reads what comes before it.
    body.append('0', '["","$K1"]');
    const headers = { 'next-action': id, origin: this.#origin, accept: 'text/x-component' };
    const init = { method: 'POST', headers, body };
    const response = await askAsScript(
      { browser: this.#browser, origin: this.#origin },
      '/dashboard/messages',
      init,
    );
    const said = await response.text();
    if (response.status !== 200 || !said.includes('is posted'))
      throw new Error(`${response.status} ${said.slice(0, 300)}`);
  }

  #write(how: string): string {
    const text = `Text ${this.posted.length} ${how} ${randomUUID()}`;
    this.posted.push(text);
    return text;
  }

  /** As `EventSource` does: comes back with the id of the last event when the stream ends. */
  async #listen(): Promise<void> {
    const { signal } = this.#leaving;
    while (!signal.aborted)
      try {
        await this.#hearStream(signal);
      } catch (error) {
        if (!signal.aborted) this.failures.push(`the stream: ${error} ${(error as Error).cause ?? ''}`);
      }
  }

  async #hearStream(signal: AbortSignal): Promise<void> {
    const last = [...this.heard.matchAll(/^id: ?(\S+)$/gm)].at(-1)?.[1];
    const response = await fetch(this.#origin + streamPath, {
      signal,
      headers: {
        accept: 'text/event-stream',
        cookie: cookieHeader(this.#browser, this.#origin),
        ...{ 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' },
        ...(last === undefined ? {} : { 'last-event-id': last }),
      },
    });
    if (response.status !== 200) throw new Error(`status ${response.status}`);
    this.streams += 1;
    for await (const part of response.body ?? []) this.heard += Buffer.from(part).toString();
  }
}

function listFiles({ html }: Page): string[] {
  return [...new Set(html.match(/\/_next\/static\/[\w./~-]+\.(?:js|css)/g) ?? [])];
}
