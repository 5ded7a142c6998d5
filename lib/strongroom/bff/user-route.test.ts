import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { clientAddressHeader } from '../server/client-address';
import { writeSession } from '../session/session-cookie';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { holdCookies } from '../testing/request-cookies';
import { buildPresentSession } from '../testing/sessions';
import { watchStore } from '../testing/watched-store';
import { LoginRequiredError } from './caller';
import { requireRole } from './require-role';
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

const route = userRoute({ returnTo: '/notes', maxBytes: 10 }, async ({ request, session: { user } }) => {
  const text = await request.text();
  ran.push(`${user.name} ${text}`);
  if (text === 'too late') throw new LoginRequiredError('invalid_grant');
  return new Response('a file');
});

type Sent = { method?: string; headers?: Record<string, string>; body?: BodyInit };
const click = { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'document' };
const ofScript = { origin: 'https://app.example', 'sec-fetch-site': 'same-origin' };

function send({ method = 'GET', headers = click, body }: Sent = {}): Promise<Response> {
  const through = { ...headers, [clientAddressHeader()]: '192.0.2.1' };
  const init = { method, headers: through, ...(body === undefined ? {} : { body, duplex: 'half' }) };
  return route(new Request('https://app.example/notes/export', init as RequestInit));
}

const locationOf = (response: Response) => [response.status, response.headers.get('location')];

describe('a route of a signed-in user', () => {
  it('responds to a link on our pages, and no cache keeps it', async () => {
    const response = await send();
    expect([await response.text(), response.headers.get('cache-control')]).toEqual([
      'a file',
      expect.stringMatching(/private.*no-store/),
    ]);
    expect(ran).toEqual(['Ada ']);
  });

  it('no cache keeps a response whose headers cannot be changed, such as a redirect', async () => {
    const target = 'https://app.example/notes';
    const redirecting = userRoute({ returnTo: '/notes' }, async () => Response.redirect(target, 303));
    const headers = { ...click, [clientAddressHeader()]: '192.0.2.1' };
    const response = await redirecting(new Request('https://app.example/notes/export', { headers }));
    expect(locationOf(response)).toEqual([303, target]);
    expect(response.headers.get('cache-control')).toMatch(/private.*no-store/);
  });

  it.each([
    ['a link elsewhere', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' }],
    ['an address that was typed', { 'sec-fetch-site': 'none', 'sec-fetch-dest': 'document' }],
  ])('CS-05: leads %s to the page that has the link', async (_who, headers) => {
    expect(locationOf(await send({ headers }))).toEqual([303, 'https://app.example/notes']);
    expect(ran).toEqual([]);
  });

  it.each([
    ['a prefetch', 503, { ...click, 'sec-purpose': 'prefetch' }],
    ['the router ahead of a click', 503, { ...click, 'sec-fetch-dest': 'empty', rsc: '1' }],
    ['a frame', 403, { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'iframe' }],
    [
      'a download that another site began',
      403,
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'empty' },
    ],
  ])('CS-05: has no page and nothing to keep for %s', async (_who, status, headers) => {
    const response = await send({ headers });
    expect([response.status, response.headers.get('cache-control'), await response.text()]).toEqual([
      status,
      'no-store',
      '',
    ]);
    expect(ran).toEqual([]);
  });

  it('CS-05: HEAD runs nothing, because a handler may do more than look', async () => {
    const response = await send({ method: 'HEAD' });
    expect([response.status, response.headers.get('allow'), ran]).toEqual([405, 'GET', []]);
  });

  describe('of which a link is saved', () => {
    const save = {
      headers: { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'no-cors' },
    };

    it('saves the file', async () => {
      expect(await (await send(save)).text()).toBe('a file');
    });

    it('fails without a session, and no page is saved', async () => {
      holdCookies(createTestJar());
      const response = await send(save);
      expect([response.status, response.headers.get('location'), await response.text()]).toEqual([
        401,
        null,
        '',
      ]);
    });

    it('fails while the session cannot be checked', async () => {
      watchStore().goAway();
      expect(locationOf(await send(save))).toEqual([503, null]);
    });

    it.each([
      ['/notes', 409],
      ['https://app.example/notes', 409],
      ['https://files.example/a', 303],
    ])('a handler that redirects to %s gives %i: a page of ours is no file', async (location, status) => {
      const redirecting = userRoute({ returnTo: '/notes' }, async ({ isPage }) => {
        ran.push(String(isPage));
        return new Response(null, { status: 303, headers: { location } });
      });
      const headers = { ...save.headers, [clientAddressHeader()]: '192.0.2.1' };
      const response = await redirecting(new Request('https://app.example/notes/export', { headers }));
      expect([response.status, ran]).toEqual([status, ['false']]);
    });
  });

  it('CS-01: a form or a script of another site is rejected, and the body is not read', async () => {
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await send({ method: 'POST', headers, body: 'x' })).status).toBe(403);
    expect(ran).toEqual([]);
  });

  it('hands over a bounded body, and rejects a longer one with or without its length', async () => {
    const post = { method: 'POST', headers: ofScript };
    expect((await send({ ...post, body: '0123456789' })).status).toBe(200);
    expect((await send({ ...post, body: '0123456789x' })).status).toBe(413);
    expect((await send({ ...post, body: new Blob(['0123456789x']).stream() })).status).toBe(413);
    expect(ran).toEqual(['Ada 0123456789']);
  });

  it('FW-01: without a session asks to sign in', async () => {
    holdCookies(createTestJar());
    const target = 'https://app.example/sign-in?return_to=%2Fnotes';
    expect(locationOf(await send())).toEqual([303, target]);
    expect(ran).toEqual([]);
  });

  it('FW-01: without the role that it asks for leads to the page that says so, and keeps the page with the link', async () => {
    useEnvironment({}, { roles: { claim: 'roles', names: ['admin'] } });
    const guarded = userRoute({ returnTo: '/notes' }, async () => {
      await requireRole('admin');
      return new Response('a file');
    });
    const headers = { ...click, [clientAddressHeader()]: '192.0.2.1' };
    const response = await guarded(new Request('https://app.example/notes/export', { headers }));
    const location = response.headers.get('location') ?? '';
    expect(location).toMatch(/\/sign-in\/problem\?code=role_required&ref=[0-9A-Z-]{9}&return_to=%2Fnotes$/);
  });

  it('RC-14: does the same when the session is revoked while it runs', async () => {
    const response = await send({ method: 'POST', headers: ofScript, body: 'too late' });
    expect(response.headers.get('location')).toContain('&reason=invalid_grant');
  });

  it('SE-15: while the session cannot be checked, the problem page says so', async () => {
    watchStore().goAway();
    expect((await send()).headers.get('location')).toContain('code=store_unavailable');
    expect(ran).toEqual([]);
  });

  it('RL-01: says when to come back beyond the rate limit of its address', async () => {
    // A new minute would be counted by itself.
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    for (let count = 0; count < 100; count += 1) await send();
    const response = await send();
    expect([response.headers.get('location'), response.headers.get('retry-after')]).toEqual([
      expect.stringContaining('code=rate_limited'),
      expect.stringMatching(/^[1-9]\d?$/),
    ]);
    expect(ran).toHaveLength(100);
  });
});
