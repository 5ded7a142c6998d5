import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const perMinute = 20;
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ RATE_LIMIT_PER_MINUTE: String(perMinute), TRUSTED_PROXY_HOPS: '1' });
});
afterAll(() => stack?.close());

/** What a trusted proxy writes about a visitor who claims to be somebody else each time. */
const from = (address: string, step = 0) => ({ 'x-forwarded-for': `192.0.2.${step % 250}, ${address}` });

/** One visitor who knocks many times; at most two minutes' worth are let in, when the minute turns meanwhile. */
async function knock(path: string, address: string, times = 150): Promise<Page[]> {
  const pages: Page[] = [];
  for (let batch = 0; batch < times; batch += 10)
    pages.push(
      ...(await Promise.all(
        Array.from({ length: 10 }, (_, step) =>
          new HttpBrowser().follow(stack.appOrigin + path, {
            maxHops: 0,
            headers: from(address, batch + step),
          }),
        ),
      )),
    );
  return pages;
}

const isRefused = ({ hops }: Page) => hops[0]?.location?.includes('code=too_many_requests') ?? false;

describe('RL-01, HO-04: too many requests from one visitor, whatever address they claim', () => {
  it.each([
    ['sign-in', '/auth/sign-in', '198.51.100.1'],
    ['the callback', '/auth/callback/provider?state=x&code=y', '198.51.100.2'],
    ['the refresh door', '/auth/refresh?refused=x', '198.51.100.3'],
  ])('at %s are told to wait, and others are not', async (_, path, address) => {
    const pages = await knock(path, address);
    const refused = pages.filter(isRefused);
    expect(refused.length).toBeGreaterThanOrEqual(150 - 2 * perMinute);
    expect(refused.length).toBeLessThanOrEqual(150 - perMinute);
    for (const { headers } of refused) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect(headers.getSetCookie()).toEqual([]);
    }
    // Two attempts, the callback and the page: somebody else notices nothing.
    const other = new HttpBrowser();
    expect((await signInByHttp(stack, other)).url.pathname).toBe('/dashboard');
  });

  it('U-SLOW: the page says what happened, what was kept, when to try again, and a reference of the log', async () => {
    await knock('/auth/sign-in?return_to=/dashboard/contacts', '198.51.100.4', perMinute * 3);
    const page = await new HttpBrowser().follow(
      `${stack.appOrigin}/auth/sign-in?return_to=/dashboard/contacts`,
      {
        headers: from('198.51.100.4'),
      },
    );
    // The minute may have turned just now.
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

  it('the session of a visitor who knocks too often is untouched', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(stack, browser);
    const headers = from('198.51.100.5');
    for (let step = 0; step < perMinute * 2 + 5; step += 1)
      await browser.follow(`${stack.appOrigin}/auth/refresh?refused=x`, { maxHops: 0, headers });
    expect((await browser.visit(`${stack.appOrigin}/dashboard/contacts`, { headers })).html).toContain(
      '<table',
    );
  });

  it('BL-05: forged logout tokens are refused, then too many; the log does not grow with them', async () => {
    const send = async () => {
      const body = new URLSearchParams({ logout_token: 'junk' });
      const init = { method: 'POST', body, headers: from('198.51.100.6') };
      return (await fetch(`${stack.appOrigin}/auth/back-channel-logout`, init)).status;
    };
    const statuses: number[] = [];
    for (let batch = 0; batch < perMinute * 10 * 2 + 20; batch += 20)
      statuses.push(...(await Promise.all(Array.from({ length: 20 }, send))));
    expect(new Set(statuses)).toEqual(new Set([400, 429]));
    const refused = statuses.filter((status) => status === 400).length;
    await expect.poll(() => stack.appEvents('back_channel_logout_refused').length).toBe(refused);
  });
});
