/**
 * For tests: a browser of fetch. It keeps cookies, follows redirects inside one origin, fills in forms, runs no script.
 */
export type Page = { url: string; status: number; headers: Headers; html: string };

/** Where a visit ended: on a page of the origin, or on the way to another origin. */
export type Visit = { page: Page; left: null } | { page: null; left: URL };

export class Browser {
  readonly #cookies = new Map<string, { value: string; path: string }>();
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async visit(url: string, init: RequestInit = {}): Promise<Visit> {
    let target = new URL(url, this.#origin);
    let request = init;
    for (let hops = 0; hops < 10; hops += 1) {
      const response = await this.#send(target, request);
      const location = response.headers.get('location');
      if (location === null) return { page: await readPage(target, response), left: null };
      target = new URL(location, target);
      if (target.origin !== this.#origin) return { page: null, left: target };
      request = {};
    }
    throw new Error('Too many redirects.');
  }

  /** Presses a button of the page's first form that posts to an address ending in `ending`. */
  submit(page: Page, ending: string, fields: Iterable<[string, string]>): Promise<Visit> {
    const targets = [...page.html.matchAll(/(?:form)?action="([^"]+)"/g)].map(([, target = '']) => target);
    const target = targets.find((candidate) => candidate.endsWith(ending));
    if (!target) throw new Error(`No form of ${page.url} posts to …${ending}.`);
    const body = new URLSearchParams([...fields]);
    return this.visit(target, { method: 'POST', body, headers: { Origin: this.#origin } });
  }

  async #send(target: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const cookies = [...this.#cookies].filter(([, { path }]) => target.pathname.startsWith(path));
    if (cookies.length > 0)
      headers.set('Cookie', cookies.map(([name, { value }]) => `${name}=${value}`).join('; '));
    const response = await fetch(target, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/; */);
    const split = pair.indexOf('=');
    const name = pair.slice(0, split);
    const value = pair.slice(split + 1);
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
    if (value === '') this.#cookies.delete(name);
    else this.#cookies.set(name, { value, path });
  }
}

async function readPage(url: URL, response: Response): Promise<Page> {
  return { url: url.href, status: response.status, headers: response.headers, html: await response.text() };
}
