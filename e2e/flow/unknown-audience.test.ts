/**
 * An authorization server that rejects a request as a whole for one audience that it does not know: of another API,
 * it costs that API alone; of the first one, it is named. @see RFC 8707 §2
 */
import { errors } from 'oidc-provider';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HttpBrowser } from '../support/http-browser.ts';
import { type StockWorld, startStockWorld } from '../support/stock-world.ts';

const [main, calendar] = ['https://contacts.example', 'https://calendar.example'];
const permissions = 'read:contacts read:messages read:events';
const contact = {
  id: 'c_1',
  name: 'Contact of the script',
  email: 'c@example.test',
  updated_at: '2026-03-12T12:00:00Z',
};

let world: StockWorld;
/** The audiences that the server knows. */
let known: string[];
beforeAll(async () => {
  world = await startStockWorld({
    configuration: {
      scopes: ['openid', 'offline_access', 'profile', 'email', ...permissions.split(' ')],
      features: {
        pushedAuthorizationRequests: { enabled: false },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_ctx, audience) => {
            if (!known.includes(audience)) throw new errors.InvalidTarget('the server knows no such API');
            return { scope: permissions, audience, accessTokenFormat: 'jwt' };
          },
        },
      },
    },
    env: (_server, apiOrigin) => ({
      AUTH_AUDIENCE: main,
      AUTH_AUDIENCE_AS: 'resource',
      AUTH_SCOPES: `openid profile email offline_access ${permissions}`,
      CALENDAR_AUDIENCE: calendar,
      CALENDAR_BASE_URL: apiOrigin,
    }),
    respond: (path) => ({
      status: 200,
      body: path.startsWith('/contacts/')
        ? JSON.stringify(contact)
        : '{"items":[],"page":1,"per_page":20,"total":0}',
    }),
  });
});
afterAll(() => world?.close());

const follow = (browser: HttpBrowser) =>
  browser.follow(`${world.appOrigin}/auth/sign-in?return_to=/dashboard/contacts/c_1`);
const askedFor = () =>
  world.server.requests
    .filter(({ url }) => url.searchParams.has('code_challenge'))
    .map(({ url }) => url.searchParams.getAll('resource'));

it('AZ-10: that of another API costs the API alone: the page has the rest, and the log the variable', async () => {
  known = [main];
  const page = await follow(new HttpBrowser());
  expect([page.status, page.url.pathname]).toEqual([200, '/dashboard/contacts/c_1']);
  expect(page.html).toContain('Contact of the script');
  expect(page.html).toContain('Your calendar is not available to you right now.');
  expect(askedFor()).toEqual([[main, calendar], [main]]);
  expect(world.server.requests.filter(({ form }) => form.get('grant_type') === 'refresh_token')).toEqual([]);
  expect(world.app.events('target_left_out')).toMatchObject([
    { api: 'calendar', audience: calendar, variable: 'CALENDAR_AUDIENCE' },
  ]);
});

it('AZ-10, CB-10: that of the first API ends the sign-in, and page and log name its variable', async () => {
  known = [calendar];
  const before = askedFor().length;
  const page = await follow(new HttpBrowser());
  expect(page.url.pathname).toBe('/sign-in/problem');
  expect(page.html).toMatch(/invalid_target<\/code>.*<code>AUTH_AUDIENCE<\/code>/s);
  expect(askedFor().slice(before)).toEqual([[main, calendar], [main]]);
  expect(world.app.events('sign_in_rejected')).toMatchObject([
    { code: 'invalid_target', variable: 'AUTH_AUDIENCE', serverDescription: 'the server knows no such API' },
  ]);
});
