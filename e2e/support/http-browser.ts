/**
 * A browser without a screen: keeps cookies by origin as RFC 6265 says for host-only cookies, follows
 * redirects, submits forms.
 */

type StoredCookie = {
  value: string;
  path: string;
  /** As the server sent it; a test that puts one into the jar has none. */
  line?: string;
};
export type Page = {
  url: URL;
  status: number;
  headers: Headers;
  html: string;
  /** Every response on the way here: the redirects, and the last one. */
  responses: { url: URL; status: number; location: string | null; setCookies: string[] }[];
};

export type VisitOptions = {
  headers?: Record<string, string>;
  form?: Record<string, string> | URLSearchParams | FormData;
  /** A POST without a body, as no page sends one, but the browser itself. */
  isEmptyPost?: boolean;
  /** Aborts the request when the test says so, as a closed tab does. */
  signal?: AbortSignal;
  /** Stops before the callback, so that a test can do with the code what it wants. */
  stopAtCallback?: boolean;
  /** How many redirects to follow; 0 follows none. */
  maxRedirects?: number;
};

type Sending = Pick<VisitOptions, 'form' | 'isEmptyPost'> & { signal?: AbortSignal | undefined };

export class HttpBrowser {
  /** By host name: cookies do not tell ports apart. */
  readonly jar = new Map<string, Map<string, StoredCookie>>();
  /** Everything that arrived, for searching it afterwards. */
  readonly received: string[] = [];
  /** False for an older browser, or one that was told to send no fetch metadata. */
  hasFetchMetadata = true;

  /** A navigation by a link on a page of the same site. */
  follow(address: string | URL, options: VisitOptions = {}): Promise<Page> {
    return this.visit(address, {
      ...options,
      headers: { 'sec-fetch-site': 'same-origin', ...options.headers },
    });
  }

  async visit(
    address: string | URL,
    { headers = {}, stopAtCallback = false, maxRedirects = 12, ...options }: VisitOptions = {},
  ): Promise<Page> {
    let url = new URL(address);
    let sending: Sending = options;
    const responses: Page['responses'] = [];
    for (;;) {
      const response = await this.#send(url, headers, sending);
      const html = await response.text();
      const location = response.headers.get('location') ?? readRefresh(url, html);
      this.received.push(describeResponse(response.headers, html));
      responses.push({ url, status: response.status, location, setCookies: response.headers.getSetCookie() });
      if (
        location === null ||
        responses.length > maxRedirects ||
        (stopAtCallback && isCallback(new URL(location, url)))
      )
        return { url, status: response.status, headers: response.headers, html, responses };
      url = new URL(location, url);
      sending = { signal: options.signal };
    }
  }

  /**
   * Fills in and sends the form of `page` that has the button or the action given; fields of the page are
   * kept.
   */
  submit(
    page: Page,
    action: RegExp,
    fields: Record<string, string | string[]> = {},
    options: VisitOptions = {},
  ): Promise<Page> {
    const form = findForm(page.html, action);
    const values = new URLSearchParams(form.fields);
    for (const [name, value] of Object.entries(fields)) {
      values.delete(name);
      for (const one of [value].flat()) values.append(name, one);
    }
    const headers = { origin: page.url.origin, 'sec-fetch-site': 'same-origin' };
    return this.visit(new URL(form.action, page.url), {
      ...options,
      form: form.isMultipart ? toFormData(values) : values,
      headers: { ...headers, ...options.headers },
    });
  }

  cookies(origin: string): Map<string, StoredCookie> {
    const host = new URL(origin).hostname;
    const cookies = this.jar.get(host) ?? new Map<string, StoredCookie>();
    this.jar.set(host, cookies);
    return cookies;
  }

  /** The same browser profile, copied: what a thief of the cookies would have. */
  copy(): HttpBrowser {
    const copy = new HttpBrowser();
    for (const [host, cookies] of this.jar) copy.jar.set(host, new Map(cookies));
    return copy;
  }

  async #send(
    url: URL,
    headers: Record<string, string>,
    { form, isEmptyPost = false, signal }: Sending,
  ): Promise<Response> {
    const cookie = [...this.cookies(url.origin)]
      .filter(
        ([, { path }]) =>
          url.pathname === path ||
          path === '/' ||
          url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`),
      )
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
    const response = await fetch(url, {
      method: form === undefined && !isEmptyPost ? 'GET' : 'POST',
      body: form === undefined ? null : form instanceof FormData ? form : new URLSearchParams(form),
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(240_000), ...(signal ? [signal] : [])]),
      headers: {
        ...(this.hasFetchMetadata ? { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' } : {}),
        accept: 'text/html',
        ...(cookie ? { cookie } : {}),
        ...headers,
      },
    });
    for (const line of response.headers.getSetCookie()) this.#store(url, line);
    return response;
  }

  #store(url: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const attribute = (wanted: string) =>
      attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const expires = attribute('expires');
    const isExpired =
      attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) <= Date.now());
    const cookies = this.cookies(url.origin);
    if (isExpired) cookies.delete(name);
    else cookies.set(name, { value, path: attribute('path') ?? '/', line });
  }
}

/** A response as an entry of `received`, for responses that arrived in another way. */
export function describeResponse(headers: Headers, body: string): string {
  return `${[...headers].map(([name, value]) => `${name}: ${value}`).join('\n')}\n\n${body}`;
}

/** Where the page after signing out leads on by itself, as a browser without JavaScript follows it. */
function readRefresh({ pathname }: URL, html: string): string | null {
  if (!pathname.endsWith('/auth/sign-out')) return null;
  const [tag = ''] = /<meta http-equiv="refresh"[^>]*>/.exec(html) ?? [];
  return readAttribute(tag, 'content')?.replace(/^0;url=/, '') ?? null;
}

function isCallback(url: URL): boolean {
  return url.pathname.endsWith('/auth/callback/provider');
}

type Form = { action: string; fields: [string, string][]; isMultipart: boolean };

function toFormData(values: URLSearchParams): FormData {
  const data = new FormData();
  for (const [name, value] of values) data.append(name, value);
  return data;
}

/** The action and the fields of a form, as a browser without JavaScript would send them. */
function findForm(html: string, action: RegExp): Form {
  for (const [, attributes = '', content = ''] of html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)) {
    const target = readAttribute(attributes, 'action') ?? '';
    if (!action.test(target) && !action.test(content)) continue;
    const isMultipart = /multipart/i.test(
      readAttribute(attributes, 'enctype') ?? readAttribute(attributes, 'encType') ?? '',
    );
    return { action: target, fields: readFields(content), isMultipart };
  }
  throw new Error(`No form for ${action} in:\n${html.slice(0, 2_000)}`);
}

function readFields(content: string): [string, string][] {
  const fields: [string, string][] = [];
  for (const [tag] of content.matchAll(/<input\b[^>]*>/g)) {
    const name = readAttribute(tag, 'name');
    const type = readAttribute(tag, 'type') ?? 'text';
    const isOff = (type === 'checkbox' || type === 'radio') && !/\bchecked\b/.test(tag);
    if (name !== null && !isOff && type !== 'submit')
      fields.push([name, readAttribute(tag, 'value') ?? (type === 'checkbox' ? 'on' : '')]);
  }
  for (const [, attributes = '', text = ''] of content.matchAll(
    /<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/g,
  )) {
    const name = readAttribute(attributes, 'name');
    if (name !== null) fields.push([name, decodeEntities(text)]);
  }
  return fields;
}

function readAttribute(tag: string, name: string): string | null {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? null : decodeEntities(value);
}

const entities: Record<string, string> = {
  '&amp;': '&',
  '&quot;': '"',
  '&#x27;': "'",
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
};

export function decodeEntities(text: string): string {
  return text.replace(/&(?:amp|quot|lt|gt|#x27|#39);/g, (entity) => entities[entity] ?? entity);
}
