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

const minute = () => Math.floor(Date.now() / 60_000);

/** How many requests are admitted until then: every minute that begins meanwhile admits as many again, and a slow machine meets several. */
function countAdmissible(eachMinute: number): () => number {
  const begun = minute();
  return () => (minute() - begun + 1) * eachMinute;
}

/** More requests of one client than are admitted, however long they take. */
async function sendMany(path: string, address: string, surplus = 110): Promise<Page[]> {
  const admissible = countAdmissible(perMinute);
  const pages: Page[] = [];
  for (let batch = 0; batch < admissible() + surplus; batch += 10)
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
    const admissible = countAdmissible(perMinute);
    const pages = await sendMany(path, address);
    const rejected = pages.filter(isRejected);
    expect(pages.length - rejected.length).toBeLessThanOrEqual(admissible());
    expect(pages.length - rejected.length).toBeGreaterThanOrEqual(perMinute);
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
    await sendMany('/auth/sign-in?return_to=/dashboard/contacts', '198.51.100.4', perMinute);
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
    const pages = (await sendMany('/auth/sign-in', '198.51.100.9', perMinute)).filter(isRejected);
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
    const admissible = countAdmissible(perMinute * 10);
    for (let batch = 0; batch < admissible() + 100; batch += 50)
      responses.push(...(await Promise.all(Array.from({ length: 50 }, (_, step) => ask(batch + step)))));
    const rejected = responses.filter(({ status }) => status === 429);
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([404, 429]));
    expect(responses.length - rejected.length).toBeGreaterThanOrEqual(perMinute * 10);
    expect(responses.length - rejected.length).toBeLessThanOrEqual(admissible());
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

  it('RL-01: the addresses of one network share five times the limit of one, and reaching it is logged once', async () => {
    const admissible = countAdmissible(perMinute * 5);
    // Sixty addresses: none of them comes near its own limit.
    const addressAt = (index: number) => `203.0.113.${(index % 60) + 1}`;
    const responses: boolean[] = [];
    for (let at = 0; at < admissible() + 40; at += 40)
      responses.push(
        ...(await Promise.all(Array.from({ length: 40 }, (_, step) => isRateLimited(addressAt(at + step))))),
      );
    const admitted = responses.filter((isLimited) => !isLimited).length;
    expect(admitted).toBeGreaterThanOrEqual(perMinute * 5);
    expect(admitted).toBeLessThanOrEqual(admissible());
    const reached = () => stack.appEvents('rate_limit_reached').filter(({ of }) => of === 'network');
    await expect.poll(reached).toContainEqual(expect.objectContaining({ endpoint: 'refresh' }));
    expect(reached().length).toBeLessThanOrEqual(admissible() / (perMinute * 5));
    expect(await isRateLimited('203.0.114.1')).toBe(false);
  });

  it('BL-05: forged logout tokens are rejected, then rate limited, and no longer logged', async () => {
    const send = async () => {
      const body = new URLSearchParams({ logout_token: 'junk' });
      const init = { method: 'POST', body, headers: from('198.51.100.6') };
      return (await fetch(`${stack.appOrigin}/auth/back-channel-logout`, init)).status;
    };
    const statuses: number[] = [];
    const admissible = countAdmissible(perMinute);
    for (let batch = 0; batch < admissible() + 20; batch += 20)
      statuses.push(...(await Promise.all(Array.from({ length: 20 }, send))));
    expect(new Set(statuses)).toEqual(new Set([400, 429]));
    const rejected = statuses.filter((status) => status === 400).length;
    await expect.poll(() => stack.appEvents('back_channel_logout_rejected').length).toBe(rejected);
  });
});
