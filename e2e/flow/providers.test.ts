/**
 * Each preset at a server that behaves as its vendor's does, with nothing set but what its page says: sign in,
 * call the API, refresh, sign out, and what the doctor says.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProviderName as Name, providerPresets } from '../../lib/strongroom/config/provider-presets.ts';
import { diagnose } from '../support/doctor-world.ts';
import { githubSettings } from '../support/github-like-server.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { auth0Settings, entraApis } from '../support/provider-servers.ts';
import {
  audienceOf,
  authorizationsAt,
  compareWithPage,
  contacts,
  grantsAt,
  installation,
  lastToken,
  overlapRotation,
  refresh,
  type Started,
  signIn,
  signOut,
  start,
} from '../support/provider-world.ts';
import { editSession, expireAccessToken } from '../support/seals.ts';

type Expected = {
  /** Of the authorization request. */
  sent: Record<string, unknown>;
  audience: (started: Started) => unknown;
  secretIn: 'header' | 'body';
  /** The path and the names of the parameters that the browser is signed out with; null: nowhere. */
  logout: [path: RegExp, names: string[]] | null;
};

const standard = ['client_id', 'id_token_hint', 'post_logout_redirect_uri', 'state'];
const permissions = 'read:contacts write:contacts read:messages write:messages read:events';
const ownApi = () => 'https://api.example.com';
const identity = `openid profile email ${permissions}`;
const withRefresh = `openid profile email offline_access ${permissions}`;
const chosenApi = ({ env }: Started) => env.API_BASE_URL;
const [audience, resource] = [expect.any(String), undefined];

const expectations: Readonly<Record<Name, Expected>> = {
  auth0: {
    sent: { audience, resource, scope: withRefresh },
    audience: chosenApi,
    secretIn: 'body',
    logout: [/\/oidc\/logout$/, standard],
  },
  keycloak: {
    sent: { audience: undefined, resource, scope: identity },
    audience: ownApi,
    secretIn: 'header',
    logout: [/\/realms\/main\/session\/end$/, standard],
  },
  'entra-id': {
    sent: { audience: undefined, resource, scope: withRefresh },
    audience: () => entraApis.contacts,
    secretIn: 'body',
    logout: [/\/v2\.0\/session\/end$/, standard],
  },
  okta: {
    sent: { audience: undefined, resource, scope: withRefresh },
    audience: ownApi,
    secretIn: 'header',
    logout: [/\/oauth2\/default\/session\/end$/, standard],
  },
  google: {
    sent: { access_type: 'offline', prompt: 'consent', audience: undefined, resource, scope: identity },
    audience: () => null,
    secretIn: 'body',
    logout: null,
  },
  cognito: {
    sent: { audience: undefined, resource: expect.any(String), scope: identity },
    audience: chosenApi,
    secretIn: 'header',
    logout: [/\/logout$/, ['client_id', 'logout_uri']],
  },
  'github-like': {
    sent: { audience: undefined, resource, scope: `read:user ${permissions}` },
    audience: () => null,
    secretIn: 'body',
    logout: null,
  },
  oidc: {
    sent: { audience, resource: expect.any(String), scope: withRefresh },
    audience: chosenApi,
    secretIn: 'header',
    logout: [/\/session\/end$/, standard],
  },
};

describe.each(Object.entries(expectations))('the preset %s', (key, expected) => {
  const name = key as Name;
  let started: Started;
  beforeAll(async () => {
    started = await start(name);
  });
  afterAll(() => started?.world.close());

  it('signs in, calls the API, refreshes and signs out', async () => {
    githubSettings.areTokensExpiring = true;
    const browser = new HttpBrowser();
    const page = await signIn(started, browser);
    expect([page.status, page.url.pathname]).toEqual([200, '/dashboard/contacts']);
    expect(page.html).toContain('Stock User');
    expect(authorizationsAt(started).at(-1)).toMatchObject(
      Object.fromEntries(Object.entries(expected.sent).filter(([, value]) => value !== undefined)),
    );
    for (const [parameter, value] of Object.entries(expected.sent))
      if (value === undefined) expect(authorizationsAt(started).at(-1)).not.toHaveProperty(parameter);
    const grant = grantsAt(started, 'authorization_code').at(-1);
    const isInBody = grant?.form.has('client_secret');
    expect([isInBody, grant?.headers.authorization !== undefined]).toEqual(
      expected.secretIn === 'body' ? [true, false] : [false, true],
    );
    const first = lastToken(started);
    expect(audienceOf(first)).toEqual(expected.audience(started));
    expect(await refresh(started, browser)).toBe(1);
    expect(lastToken(started)).not.toBe(first);
    expect(audienceOf(lastToken(started))).toEqual(expected.audience(started));
    const out = await signOut(started, browser);
    expect(out.url.pathname).toBe('/signed-out');
    expect(out.url.searchParams.get('left')).toBe(expected.logout === null ? 'no_logout' : null);
    const [path = /^$/, names = []] = expected.logout ?? [];
    const [departure] = started.world.server.requests.filter(({ url }) => path.test(url.pathname));
    expect([...(departure?.url.searchParams.keys() ?? [])].toSorted()).toEqual(names.toSorted());
  });

  it('the doctor has no complaint, and prints what the page of the provider shows', async () => {
    const { exitCode, printed, shown } = await compareWithPage(name, started);
    expect(exitCode).toBe(0);
    expect(printed.filter((line) => /^(?:warning|ERROR)/.test(line))).toEqual([]);
    expect(shown.length).toBeGreaterThan(3);
    expect(shown.filter((line) => line !== '…' && !printed.includes(line))).toEqual([]);
  });

  if (name === 'auth0') {
    it('an invitation goes through the sign-in page to the server, and so does a connection', async () => {
      const browser = new HttpBrowser();
      const query = 'organization=org_1&invitation=inv_1&organization_name=Acme&connection=google-oauth2';
      const asked = await browser.visit(`${started.world.appOrigin}/sign-in?${query}`);
      const [, href = ''] = /<a\b[^>]*href="(\/auth\/sign-in\?[^"]*)"/.exec(asked.html) ?? [];
      await browser.follow(new URL(href.replaceAll('&amp;', '&'), asked.url));
      const sent = authorizationsAt(started).at(-1);
      expect(sent).toMatchObject({
        organization: 'org_1',
        invitation: 'inv_1',
        connection: 'google-oauth2',
      });
      expect(sent).not.toHaveProperty('organization_name');
    });

    it('the sign-in page offers to create an account, which the server is asked for', async () => {
      const browser = new HttpBrowser();
      const asked = await browser.visit(`${started.world.appOrigin}/sign-in?return_to=/dashboard/messages`);
      const [, href = ''] = /<a\b[^>]*href="([^"]*)"[^>]*>Create an account</.exec(asked.html) ?? [];
      const page = await browser.follow(new URL(href.replaceAll('&amp;', '&'), asked.url));
      expect(page.url.pathname).toBe('/dashboard/messages');
      expect(authorizationsAt(started).at(-1)).toMatchObject({ screen_hint: 'signup' });
    });

    it('the doctor says that access tokens are opaque without an audience', async () => {
      const { findings } = await diagnose({ ...started.env, AUTH_AUDIENCE: '', CALENDAR_AUDIENCE: '' });
      const complaints = findings.filter(({ level }) => level !== 'ok');
      expect(complaints).toMatchObject([{ level: 'warning', variable: 'AUTH_AUDIENCE' }]);
      expect(complaints[0]?.words).toContain('opaque');
    });
  }

  if (name === 'auth0') {
    it('RF-04, RF-12: a used refresh token that overlaps the next one signs no tab out, and one that is too old does', async () => {
      const overlap = overlapRotation(started);
      const before = grantsAt(started, 'refresh_token').length;
      const browsers = [new HttpBrowser(), new HttpBrowser()];
      for (const browser of browsers) await signIn(started, browser);
      const [late = new HttpBrowser(), tooLate = new HttpBrowser()] = browsers.map((one) => one.copy());
      for (const browser of browsers) expect(await refresh(started, browser)).toBe(1);
      // What this process knows of the refresh tokens is lost with it.
      await started.world.restart();
      expect(await refresh(started, late)).toBe(1);
      const sent = grantsAt(started, 'refresh_token').slice(before);
      expect(sent[2]?.form.get('refresh_token')).toBe(sent[0]?.form.get('refresh_token'));
      expect(await refresh(started, browsers[0] ?? late)).toBe(1);
      await overlap.end();
      await expireAccessToken(installation(started), tooLate);
      expect((await tooLate.follow(contacts(started))).url.pathname).toBe('/sign-in');
    });

    it('RF-09: a refresh that brings no refresh token leaves the one before in use', async () => {
      const browser = new HttpBrowser();
      await signIn(started, browser);
      auth0Settings.isRotating = false;
      const count = await refresh(started, browser);
      auth0Settings.isRotating = true;
      expect(count).toBe(1);
      let kept: unknown;
      await editSession(installation(started), browser, (session) => {
        kept = (session.tokens as Record<string, unknown>).refreshToken;
        return session;
      });
      expect(kept).toBe(grantsAt(started, 'refresh_token').at(-1)?.form.get('refresh_token'));
      expect(started.world.app.events('tokens_refreshed').at(-1)).toMatchObject({ isRotated: false });
    });
  }

  if (name === 'entra-id') {
    it('AZ-10: each of two APIs gets a token of its own, which its scopes alone ask for', async () => {
      const browser = new HttpBrowser();
      await signIn(started, browser);
      const before = started.world.server.requests.length;
      await expireAccessToken(installation(started), browser);
      const page = await browser.follow(`${started.world.appOrigin}/dashboard/contacts/c_1`);
      expect(page.html).toContain('What you have planned together');
      const forms = started.world.server.requests.slice(before).map(({ form }) => form);
      const refreshes = forms.filter((form) => form.get('grant_type') === 'refresh_token');
      const ofContacts = expect.stringMatching(/^openid .*offline_access.* write:messages$/);
      const [exchange] = grantsAt(started, 'authorization_code').slice(-1);
      expect(exchange?.form.get('scope')).toEqual(ofContacts);
      expect(refreshes.map((form) => form.get('scope'))).toEqual([ofContacts, 'read:events']);
      expect(refreshes.some((form) => form.has('resource') || form.has('audience'))).toBe(false);
      const { tokens, requests } = started.world.api;
      const audiencesAt = (path: string) =>
        new Set(
          requests.flatMap(({ line }, at) => (line.startsWith(path) ? [audienceOf(tokens[at] ?? '')] : [])),
        );
      expect(audiencesAt('GET /events')).toEqual(new Set([entraApis.calendar]));
      expect(audiencesAt('GET /contacts')).toEqual(new Set([entraApis.contacts]));
    });
  }

  if (name === 'github-like') {
    it('a token that never expires and has no refresh token keeps its user signed in for a week', async () => {
      githubSettings.areTokensExpiring = false;
      const browser = new HttpBrowser();
      await signIn(started, browser);
      expect((await browser.visit(contacts(started))).html).toContain('Stock User');
      let lifetimeSec = 0;
      await editSession(installation(started), browser, (session) => {
        const { expiresAtSec, obtainedAtSec } = session.tokens as Record<string, number>;
        lifetimeSec = Number(expiresAtSec) - Number(obtainedAtSec);
        return session;
      });
      expect(lifetimeSec).toBe(604_800);
      await expireAccessToken(installation(started), browser);
      expect((await browser.visit(contacts(started))).url.pathname).toBe('/sign-in');
    });

    it('RF-10: a refresh asks again who the user is: a new name is shown, and another user ends the session', async () => {
      githubSettings.areTokensExpiring = true;
      const { user } = githubSettings;
      const visitRefreshed = async (changes: Partial<typeof user>) => {
        githubSettings.user = user;
        const browser = new HttpBrowser();
        await signIn(started, browser);
        githubSettings.user = { ...user, ...changes };
        await expireAccessToken(installation(started), browser);
        return browser.visit(contacts(started));
      };
      try {
        const page = await visitRefreshed({ name: 'Stock Renamed' });
        expect([page.status, page.html.includes('Stock Renamed')]).toEqual([200, true]);
        expect((await visitRefreshed({ id: 7 })).url.pathname).toBe('/sign-in');
      } finally {
        githubSettings.user = user;
      }
    });

    it('the doctor names a wrong secret, although the server rejects it with status 200', async () => {
      const { findings } = await diagnose({ ...started.env, AUTH_CLIENT_SECRET: 'nT8vQ3xL6pW9wK2m' });
      expect(findings.filter(({ level }) => level === 'error')).toMatchObject([
        { variable: 'AUTH_CLIENT_SECRET' },
      ]);
    });
  }

  if (!('AUTH_SIGN_UP_PARAMS' in providerPresets[name].variables))
    it('no account is offered to be created where the server is not known to do that', async () => {
      const page = await new HttpBrowser().visit(`${started.world.appOrigin}/sign-in`);
      expect(page.html).not.toContain('Create an account');
    });
});
