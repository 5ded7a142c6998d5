/** Several declared APIs: which of them share an access token, and what is wrong before the server starts. */
import { describe, expect, it } from 'vitest';
import { testDeclaration } from '../testing/declaration';
import { goodEnvironment } from '../testing/environment';
import { type Api, isScopeOf, isScopeOfAlone } from './apis';
import type { DeclaredApi } from './declaration';
import { parseConfig } from './parse-config';

const main = { baseUrl: 'API_BASE_URL' };
const calendar = { baseUrl: 'CALENDAR_BASE_URL', audience: 'CALENDAR_AUDIENCE', scopes: ['read:events'] };
const rooms = { ...calendar, baseUrl: 'ROOMS_BASE_URL', scopes: ['read:rooms'] };
const files = { baseUrl: 'FILES_BASE_URL', audience: 'https://files.example', scopes: ['read:files'] };
const bare = { baseUrl: 'BARE_BASE_URL' };

const addresses = {
  CALENDAR_BASE_URL: 'https://calendar.example/v1/',
  ROOMS_BASE_URL: 'https://rooms.example',
  FILES_BASE_URL: 'https://files.example',
  BARE_BASE_URL: 'https://bare.example',
};

type Declared = Record<string, DeclaredApi>;

function parse(apis: Declared, env: Record<string, string> = {}) {
  return parseConfig({ ...goodEnvironment, ...addresses, ...env }, { ...testDeclaration, apis });
}

function apisOf(declared: Declared, env: Record<string, string> = {}): readonly Api[] {
  const parsed = parse(declared, env);
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return parsed.config.apis;
}

function problemsOf(declared: Declared, env: Record<string, string> = {}): string[] {
  const parsed = parse(declared, env);
  return parsed.kind === 'problems' ? parsed.problems.map(({ variable }) => variable) : [];
}

const both = { AUTH_AUDIENCE: 'https://api.example', CALENDAR_AUDIENCE: 'https://calendar.example' };
const targets = (declared: Declared, env: Record<string, string>) =>
  apisOf(declared, env).map(({ target }) => target);
const tokenNames = (declared: Declared, env: Record<string, string>) =>
  apisOf(declared, env).map(({ tokenName }) => tokenName);

describe('several APIs', () => {
  it('have addresses and audiences of their own, and the log can name where these are set', () => {
    const [first, second, third] = apisOf({ main, calendar, files }, both);
    expect(first).toMatchObject({ audience: 'https://api.example', audienceSource: 'AUTH_AUDIENCE' });
    expect(second).toMatchObject({
      baseUrl: 'https://calendar.example/v1',
      audience: 'https://calendar.example',
      audienceSource: 'CALENDAR_AUDIENCE',
      scopes: ['read:events'],
    });
    expect(third).toMatchObject({ audience: 'https://files.example', audienceSource: 'declaration' });
  });

  it('are each named by the request for their token, or the start says why not', () => {
    const named = { ...both, CALENDAR_AUDIENCE: 'billing' };
    expect(problemsOf({ main, calendar }, named)).toEqual([]);
    expect(problemsOf({ main, calendar }, { ...named, AUTH_AUDIENCE_AS: 'resource' })).toEqual([
      'AUTH_AUDIENCE_AS',
    ]);
    const { scopes: _, ...withoutScopes } = calendar;
    expect(problemsOf({ main, calendar }, { ...both, AUTH_AUDIENCE_AS: 'none' })).toEqual([]);
    expect(problemsOf({ main, calendar: withoutScopes }, { ...both, AUTH_AUDIENCE_AS: 'none' })).toEqual([
      'AUTH_AUDIENCE_AS',
    ]);
  });

  it('have tokens of their own, unless their audience is the same', () => {
    expect(tokenNames({ main, calendar, files }, both)).toEqual([null, 'calendar', 'files']);
    const same = { ...both, CALENDAR_AUDIENCE: both.AUTH_AUDIENCE };
    expect(tokenNames({ main, calendar, bare }, same)).toEqual([null, null, null]);
    expect(tokenNames({ main, calendar }, {})).toEqual([null, null]);
  });

  it('that share a token ask for the scopes of both', () => {
    const [, second, third] = apisOf({ main, calendar, rooms }, both);
    expect([second?.tokenName, third?.tokenName]).toEqual(['calendar', 'calendar']);
    expect(third?.scopes).toEqual(['read:events', 'read:rooms']);
  });

  it('leave every scope that no other one names to the first', () => {
    const apis = apisOf({ main, calendar }, both);
    const about = (tokenName: string | null) =>
      ['read:contacts', 'openid', 'read:events'].filter((scope) => isScopeOf(apis, tokenName, scope));
    expect(about(null)).toEqual(['read:contacts', 'openid']);
    expect(about('calendar')).toEqual(['read:events']);
  });

  it('that name a scope both have it, and neither alone', () => {
    const apis = apisOf({ main, calendar, files: { ...files, scopes: ['read:events', 'read:files'] } }, both);
    const alone = (tokenName: string | null) =>
      ['openid', 'read:events', 'read:files'].filter((scope) => isScopeOfAlone(apis, tokenName, scope));
    expect([alone(null), alone('calendar'), alone('files')]).toEqual([['openid'], [], ['read:files']]);
    expect(isScopeOf(apis, 'calendar', 'read:events') && isScopeOf(apis, 'files', 'read:events')).toBe(true);
  });

  it.each<[string, Declared, Record<string, string>, string[]]>([
    [
      'an audience that is left out',
      { main, calendar },
      { AUTH_AUDIENCE: 'https://api.example' },
      ['CALENDAR_AUDIENCE'],
    ],
    ['the first audience left out', { main, calendar }, { CALENDAR_AUDIENCE: 'a' }, ['AUTH_AUDIENCE']],
    ['the first audience left out beside one of the declaration', { main, files }, {}, ['AUTH_AUDIENCE']],
    [
      'an audience that is none',
      { main, calendar },
      { ...both, CALENDAR_AUDIENCE: 'a b' },
      ['CALENDAR_AUDIENCE'],
    ],
    [
      'an address that is left out',
      { main, calendar },
      { ...both, CALENDAR_BASE_URL: '' },
      ['CALENDAR_BASE_URL'],
    ],
    ['nothing wrong', { main, calendar, files, bare }, both, []],
  ])('OP-01: %s is named', (_what, declared, env, variables) => {
    expect(problemsOf(declared, env)).toEqual(variables);
  });
});

describe('the target of a token', () => {
  const named = { main, calendar, files };
  const [mainTarget, calendarTarget, filesTarget] = targets(named, both);

  it('RF-05: is short, differs for each token, and follows an API through another name and another order', () => {
    expect(new Set([mainTarget, calendarTarget, filesTarget]).size).toBe(3);
    expect(calendarTarget).toMatch(/^[\w-]{8}$/);
    expect(targets({ main, documents: files, events: calendar }, both)).toEqual([
      mainTarget,
      filesTarget,
      calendarTarget,
    ]);
  });

  it.each([
    ['the audience', { CALENDAR_AUDIENCE: 'https://events.example' }],
    ['the host', { CALENDAR_BASE_URL: 'https://events.example/v1' }],
    ['the port', { CALENDAR_BASE_URL: 'https://calendar.example:8443/v1' }],
    ['an API that shares it', { CALENDAR_AUDIENCE: 'https://files.example' }],
  ])('RF-05: is another one with %s', (_what, change) => {
    const changed = targets(named, { ...both, ...change });
    expect(changed[0]).toBe(mainTarget);
    expect(changed[1]).not.toBe(calendarTarget);
  });

  it('RF-05: is the same for APIs that share a token, whichever is declared first, and for another path', () => {
    const shared = targets({ main, calendar, rooms }, both);
    expect(shared[1]).toBe(shared[2]);
    expect(targets({ main, rooms, calendar }, both)).toEqual(shared);
    expect(targets(named, { ...both, CALENDAR_BASE_URL: 'https://calendar.example/v2' })).toEqual([
      mainTarget,
      calendarTarget,
      filesTarget,
    ]);
  });
});
