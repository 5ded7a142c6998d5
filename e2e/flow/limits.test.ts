import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { askAsScript, cookieHeader } from '../support/page-script.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const perMinute = 20;
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ RATE_LIMIT_PER_MINUTE: String(perMinute), TRUSTED_PROXY_HOPS: '1' });
});
afterAll(() => stack?.close());

/** What a trusted proxy writes about a client that claims another address with each request. */
const from = (address: string, step = 0) => ({ 'x-forwarded-for': `192.0.2.${step % 250}, ${address}` });

/** Many requests of one client; when a minute ends meanwhile, as many as two minutes allow are admitted. */
async function sendMany(path: string, address: string, times = 150): Promise<Page[]> {
  const pages: Page[] = [];
  for (let batch = 0; batch < times; batch += 10)
    pages.push(
      ...(await Promise.all(
        Array.from({ length: 10 }, (_, step) =>
          new HttpBrowser().follow(stack.appOrigin + path, {
            maxRedirects: 0,
            headers: from(address, batch + step),
          }),
        ),
      )),
    );
  return pages;
}

const isRejected = ({ responses }: Page) => responses[0]?.location?.includes('code=rate_limited') ?? false;

/** Asks at the endpoint that costs least. */
async function isRateLimited(address: string): Promise<boolean> {
  const url = `${stack.appOrigin}/auth/refresh?rejected=x`;
  return isRejected(await new HttpBrowser().follow(url, { maxRedirects: 0, headers: from(address) }));
}

describe('RL-01, HO-04: requests of one client beyond the rate limit, whatever address it claims', () => {
  it.each([
    ['sign-in', '/auth/sign-in', '198.51.100.1'],
    ['the callback', '/auth/callback/provider?state=x&code=y', '198.51.100.2'],
    ['the refresh endpoint', '/auth/refresh?rejected=x', '198.51.100.3'],
  ])('at %s are rate limited, and those of another client are not', async (_, path, address) => {
    const pages = await sendMany(path, address);
    const rejected = pages.filter(isRejected);
    expect(rejected.length).toBeGreaterThanOrEqual(150 - 2 * perMinute);
    expect(rejected.length).toBeLessThanOrEqual(150 - perMinute);
    for (const { headers } of rejected) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect(headers.getSetCookie()).toEqual([]);
    }
    // A whole sign-in of another user, with its callback, succeeds meanwhile.
    const other = new HttpBrowser();
    expect((await signInByHttp(stack, other)).url.pathname).toBe('/dashboard');
  });

  it('U-SLOW: the page says what happened, what was kept, when to try again, and a reference that is in the log', async () => {
    await sendMany('/auth/sign-in?return_to=/dashboard/contacts', '198.51.100.4', perMinute * 3);
    const page = await new HttpBrowser().follow(
      `${stack.appOrigin}/auth/sign-in?return_to=/dashboard/contacts`,
      {
        headers: from('198.51.100.4'),
      },
    );
    // A new minute may have begun just now.
    if (page.url.pathname !== '/sign-in/problem') return expect(page.status).toBeLessThan(400);
    expect([page.status, page.url.searchParams.get('return_to')]).toEqual([429, '/dashboard/contacts']);
    expect(page.headers.get('retry-after')).toBe(page.url.searchParams.get('wait'));
    expect(page.html).toMatch(/Too many attempts/);
    expect(page.html).toMatch(/Try again in (?:<!-- -->)?\d+(?:<!-- -->)? (?:<!-- -->)?seconds?/);
    const reference = page.url.searchParams.get('ref');
    expect(page.html).toContain(reference);
    await expect
      .poll(() => stack.appEvents('rate_limited').map((event) => event.reference))
      .toContain(reference);
  });

  it('OP-03: each rejection is in the log with the reference that the user sees, and reaching the limit is logged once', async () => {
    const pages = (await sendMany('/auth/sign-in', '198.51.100.9', perMinute * 3)).filter(isRejected);
    const seen = pages.map(({ url, responses }) =>
      new URL(responses[0]?.location ?? '', url).searchParams.get('ref'),
    );
    expect(new Set(seen).size).toBe(seen.length);
    const logged = () => new Map(stack.appEvents('rate_limited').map((event) => [event.reference, event]));
    await expect.poll(() => seen.filter((reference) => !logged().has(reference))).toEqual([]);
    for (const event of logged().values())
      expect(event).toMatchObject({ code: 'rate_limited', level: 'warn' });
    expect(stack.appEvents('rate_limit_reached')).toContainEqual(
      expect.objectContaining({ endpoint: 'sign_in', of: 'address', level: 'warn' }),
    );
    expect(JSON.stringify(stack.appEvents())).not.toMatch(/198\.51\.100|192\.0\.2/);
  });

  it('a rate limited client stays signed in', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    const headers = from('198.51.100.5');
    for (let step = 0; step < perMinute * 2 + 5; step += 1)
      await browser.follow(`${stack.appOrigin}/auth/refresh?rejected=x`, { maxRedirects: 0, headers });
    expect((await browser.visit(`${stack.appOrigin}/dashboard/contacts`, { headers })).html).toContain(
      '<table',
    );
  });

  it('the API gateway admits ten times as many, rejects the others in JSON, and keeps their session', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    const before = cookieHeader(browser, stack.appOrigin);
    const ask = (step: number, address = '198.51.100.7') =>
      askAsScript({ browser, origin: stack.appOrigin }, '/api/gateway/nothing', {
        headers: from(address, step),
      });
    const responses: Response[] = [];
    // More than two minutes admit, because a new minute may begin meanwhile.
    for (let batch = 0; batch < perMinute * 25; batch += 50)
      responses.push(...(await Promise.all(Array.from({ length: 50 }, (_, step) => ask(batch + step)))));
    const rejected = responses.filter(({ status }) => status === 429);
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([404, 429]));
    expect(responses.length - rejected.length).toBeGreaterThanOrEqual(perMinute * 10);
    expect(responses.length - rejected.length).toBeLessThanOrEqual(perMinute * 20);
    for (const { headers } of rejected) {
      expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect(headers.getSetCookie()).toEqual([]);
    }
    expect(await rejected[0]?.json()).toMatchObject({ status: 429, code: 'rate_limited' });
    expect((await ask(0, '198.51.100.8')).status).toBe(404);
    const headers = from('198.51.100.7');
    const page = await browser.visit(`${stack.appOrigin}/dashboard/contacts`, { headers });
    expect(page.html).toContain('<table');
    expect(cookieHeader(browser, stack.appOrigin)).toBe(before);
  });

  it('RL-01: the addresses of one network share ten times the limit of one, and reaching it is logged once', async () => {
    const count = perMinute * 10 * 2 + 40;
    // Sixty addresses: none of them comes near its own limit.
    const addresses = Array.from({ length: count }, (_, index) => `203.0.113.${(index % 60) + 1}`);
    const responses: boolean[] = [];
    for (let at = 0; at < count; at += 40)
      responses.push(...(await Promise.all(addresses.slice(at, at + 40).map(isRateLimited))));
    const admitted = responses.filter((isLimited) => !isLimited).length;
    expect(admitted).toBeGreaterThanOrEqual(perMinute * 10);
    expect(admitted).toBeLessThanOrEqual(perMinute * 10 * 2);
    const reached = () => stack.appEvents('rate_limit_reached').filter(({ of }) => of === 'network');
    await expect.poll(reached).toContainEqual(expect.objectContaining({ endpoint: 'refresh' }));
    expect(reached().length).toBeLessThanOrEqual(2);
    expect(await isRateLimited('203.0.114.1')).toBe(false);
  });

  it('BL-05: forged logout tokens are rejected, then rate limited, and no longer logged', async () => {
    const send = async () => {
      const body = new URLSearchParams({ logout_token: 'junk' });
      const init = { method: 'POST', body, headers: from('198.51.100.6') };
      return (await fetch(`${stack.appOrigin}/auth/back-channel-logout`, init)).status;
    };
    const statuses: number[] = [];
    for (let batch = 0; batch < perMinute * 10 * 2 + 20; batch += 20)
      statuses.push(...(await Promise.all(Array.from({ length: 20 }, send))));
    expect(new Set(statuses)).toEqual(new Set([400, 429]));
    const rejected = statuses.filter((status) => status === 400).length;
    await expect.poll(() => stack.appEvents('back_channel_logout_rejected').length).toBe(rejected);
  });
});
