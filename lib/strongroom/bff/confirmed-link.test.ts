/** CS-01: a link in a browser that does not say where a click comes from asks for one more click. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { clientAddressHeader } from '../server/client-address';
import { writeSession } from '../session/session-cookie';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { holdCookies } from '../testing/request-cookies';
import { buildPresentSession } from '../testing/sessions';
import { userRoute } from './user-route';

vi.mock('../session/next-cookies', () => import('../testing/request-cookies'));

let ran: string[];
const session = buildPresentSession();

beforeEach(async () => {
  useEnvironment({ REVOCATION_CHECK: 'closed', RATE_LIMIT_PER_MINUTE: '10' });
  ran = [];
  const jar = holdCookies(createTestJar());
  await writeSession(jar, session);
});

const route = userRoute({ returnTo: '/notes' }, async ({ session: { user } }) => {
  ran.push(user.name ?? '');
  return new Response('a file');
});

const locationOf = (response: Response) => [response.status, response.headers.get('location')];

describe('a route of a signed-in user', () => {
  describe('in a browser without fetch metadata and referrer', () => {
    const quiet = (query = '', method = 'GET', more: Record<string, string> = {}) => {
      const headers = { [clientAddressHeader()]: '192.0.2.1', ...more };
      return route(new Request(`https://app.example/notes/export${query}`, { method, headers }));
    };
    const linkOn = async (page: Response) => /href="([^"]*)"/.exec(await page.text())?.[1] ?? '';

    it('CS-01: asks for one more click, in words, and a link that only this browser was given runs it', async () => {
      const page = await quiet('?year=2026&name=a%26b');
      expect([page.status, page.headers.get('cache-control'), ran]).toEqual([200, 'no-store', []]);
      expect(await page.clone().text()).toContain('does not say where a click comes from');
      const link = (await linkOn(page)).replaceAll('&amp;', '&');
      expect(link).toMatch(/^\?year=2026&name=a%26b&confirm=[\w-]{22}$/);
      expect(await (await quiet(link)).text()).toBe('a file');
    });

    it.each([
      ['that it guessed', () => `?confirm=${'A'.repeat(22)}`],
      ['that is there twice', (own: string) => `${own}&${own.slice(1)}`],
      ['that is markup', () => '?confirm="><script>x</script>'],
    ])(
      'CS-01: a link of another site with a value %s runs nothing, and is asked about',
      async (_what, forge) => {
        const own = await linkOn(await quiet());
        const page = await quiet(forge(own));
        expect(await page.clone().text()).not.toContain('<script>');
        expect([await linkOn(page), ran]).toEqual([own, []]);
      },
    );

    it('CS-01: the value of one browser is worth nothing in another, and none lets a form through', async () => {
      const link = await linkOn(await quiet());
      expect((await quiet(link, 'POST')).status).toBe(403);
      holdCookies(createTestJar());
      expect(await linkOn(await quiet(link))).not.toBe(link);
      expect(ran).toEqual([]);
    });

    it('CS-07: the page is the same without a session, and the session is asked for after the click', async () => {
      holdCookies(createTestJar());
      const link = await linkOn(await quiet());
      expect(locationOf(await quiet(link))).toEqual([303, 'https://app.example/sign-in?return_to=%2Fnotes']);
    });

    it('CS-05: one whose link names our page as the referrer needs no second click', async () => {
      expect(await (await quiet('', 'GET', { referer: 'https://app.example/notes' })).text()).toBe('a file');
    });
  });
});
