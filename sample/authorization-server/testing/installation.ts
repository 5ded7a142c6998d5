/**
 * For tests: a real authorization server on a free port with a state folder of its own, removed at the end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../../../scripts/ports.ts';
import { readOrCreateSecrets } from '../../secrets.ts';
import type { Environment } from '../../settings.ts';
import { readSampleSettings } from '../../settings.ts';
import type { LogFields } from '../log.ts';
import { startAuthorizationServer } from '../server.ts';
import type { Page, Visit } from './browser.ts';
import { Browser } from './browser.ts';
import { RelyingParty } from './relying-party.ts';

export type Person = 'ada' | 'grace' | 'linus' | `user${string}`;

async function prepareFolder(env: Environment) {
  const stateFolder = mkdtempSync(join(tmpdir(), 'authorization-server-'));
  const [appPort, ownPort] = await findFreePorts(2);
  const appUrl = `http://127.0.0.1:${appPort}`;
  const settings = readSampleSettings({
    NODE_ENV: 'test',
    SAMPLE_PASSWORD_COST: '1024',
    SAMPLE_STATE_FOLDER: stateFolder,
    SAMPLE_AS_PORT: String(ownPort),
    SAMPLE_APP_URL: appUrl,
    SAMPLE_BACKCHANNEL_LOGOUT_URI: `${appUrl}/auth/backchannel-logout`,
    ...env,
  });
  const secrets = readOrCreateSecrets(stateFolder, settings.extraAccounts);
  return { settings, secrets };
}

export async function createInstallation(env: Environment = {}) {
  const { settings, secrets } = await prepareFolder(env);
  const events: { event: string; fields: LogFields }[] = [];
  const start = () =>
    startAuthorizationServer(settings, secrets, (event, fields = {}) => void events.push({ event, fields }));
  let server = await start();
  const emailOf = (person: Person) => `${person}@strongroom.test`;
  const passwordOf = (person: Person) => secrets.passwords[emailOf(person)] ?? '';
  const signIn = (browser: Browser, page: Page, person: Person) =>
    browser.submit(page, '/login', [
      ['email', emailOf(person)],
      ['password', passwordOf(person)],
    ]);
  return {
    settings,
    secrets,
    events,
    emailOf,
    passwordOf,
    browser: () => new Browser(settings.issuer),
    relyingParty: () => new RelyingParty(settings, secrets),
    async restart() {
      await server.close();
      // A request that nobody answers: after it, the client has noticed that its open connections are gone.
      await fetch(settings.issuer).catch(() => null);
      server = await start();
    },
    async remove() {
      await server.close();
      rmSync(settings.stateFolder, { recursive: true });
    },
    signIn,
    /** Signs in and allows everything that is asked; ends with what the application receives. */
    async signInAndAllow(browser: Browser, url: string, person: Person = 'ada') {
      let visit = await browser.visit(url);
      if (visit.page) visit = await signIn(browser, visit.page, person);
      if (visit.page) visit = await browser.submit(visit.page, '/consent', tick(...askedOn(visit.page)));
      return requireLeft(visit);
    },
  };
}

export type Installation = Awaited<ReturnType<typeof createInstallation>>;

export function requirePage(visit: Visit): Page {
  if (!visit.page) throw new Error(`Expected a page, left for ${visit.left}.`);
  return visit.page;
}

export function requireLeft(visit: Visit): URLSearchParams {
  if (!visit.left) throw new Error(`Expected to leave, stayed on ${visit.page.url}: ${visit.page.html}`);
  return visit.left.searchParams;
}

/** The permissions whose checkbox is on the page, by scope. */
export function askedOn(page: Page): string[] {
  return [...page.html.matchAll(/name="permission" value="([^"]+)" checked/g)].map(([, scope = '']) => scope);
}

export function tick(...scopes: string[]): [string, string][] {
  return scopes.map((scope) => ['permission', scope]);
}
