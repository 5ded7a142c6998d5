/**
 * Three APIs, the authorization server that issues a token for each of them, and the browser of one user.
 * Test support only.
 */
import { NextRequest } from 'next/server';
import { z } from 'zod';
import { callApi } from '../bff/call-api';
import { requireSession } from '../bff/page-session';
import { clientAddressHeader } from '../server/client-address';
import type { Session, TokenSet } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { refreshEndpoint } from '../sign-in/refresh-endpoint';
import { createTestJar, type TestJar } from './cookie-jar';
import { json, startTestServer, type TestServer } from './http-server';
import { renderAnew } from './page-render';
import { holdCookies } from './request-cookies';
import { buildSession, buildTokens } from './sessions';
import {
  allScopes,
  apiNames,
  audiences,
  declareThreeApis,
  rotateStrictly,
  type TestApiName,
} from './three-apis';
import { startTokenEndpoint, type TokenEndpoint } from './token-endpoint';

export type ApisAtWork = {
  apis: Record<TestApiName, TestServer>;
  server: TokenEndpoint;
  /** The cookies of the user's browser. */
  jar: TestJar;
  /** The credentials that arrived at each API. */
  arrived: Record<TestApiName, string[]>;
  /** What arrived at an API for which it was not issued. */
  listMisdirected(): string[];
  /** The user signs in, with every permission; the token is for the first API alone. */
  signIn(changes?: Partial<TokenSet>): Promise<Session>;
  respondWith(name: TestApiName, handler: TestServer['handlers'][string]): void;
  /** Everything as at the start: each API responds, and the server rotates strictly. */
  restart(): void;
  close(): Promise<unknown>;
};

export async function startApisAtWork(): Promise<ApisAtWork> {
  const [main, calendar, files] = await Promise.all([
    startTestServer(),
    startTestServer(),
    startTestServer(),
  ]);
  const [apis, server] = [{ main, calendar, files }, await startTokenEndpoint()];
  const arrived: ApisAtWork['arrived'] = { main: [], calendar: [], files: [] };
  const respondWith: ApisAtWork['respondWith'] = (name, handler) => {
    apis[name].handlers['/things'] = (request, response, body) => {
      arrived[name].push(request.headers.authorization ?? '');
      handler?.(request, response, body);
    };
  };
  const world: ApisAtWork = {
    ...{ apis, server, arrived, respondWith, jar: createTestJar() },
    signIn: async (changes = {}) => {
      const tokens = buildTokens({ refreshToken: 'refresh-1', scopes: allScopes, ...changes });
      const session = buildSession({ tokens });
      world.jar = holdCookies(createTestJar());
      await writeSession(world.jar, session);
      return session;
    },
    listMisdirected: () =>
      apiNames.flatMap((name) => arrived[name].filter((token) => !isTokenFor(name, token))),
    restart: () => restart(world),
    close: () => Promise.all([main, calendar, files, server].map((one) => one.close())),
  };
  return world;
}

function restart({ apis, server, arrived, respondWith }: ApisAtWork): void {
  declareThreeApis({
    AUTH_ISSUER: server.origin,
    API_BASE_URL: apis.main.origin,
    CALENDAR_BASE_URL: apis.calendar.origin,
    FILES_BASE_URL: apis.files.origin,
  });
  server.restart();
  rotateStrictly(server);
  renderAnew();
  for (const name of apiNames) {
    arrived[name].length = 0;
    apis[name].reset();
    respondWith(name, json({ a: 1 }));
  }
}

function isTokenFor(name: TestApiName, token: string): boolean {
  return name === 'main'
    ? /^Bearer (access-token-1|.*contacts)/.test(token)
    : token.includes(audiences[name]);
}

// The names of these APIs are those of the test's own declaration.
export const call = (name: TestApiName) =>
  callApi(name as 'main', { method: 'GET', path: ['things'] }, z.object({ a: z.number() }));
export const ok = { kind: 'ok', value: { a: 1 } };

/** @returns where it leads */
export async function visitRefresh(query: string): Promise<string | null> {
  const headers = { 'sec-fetch-site': 'same-origin', [clientAddressHeader()]: '192.0.2.1' };
  const url = `https://app.example/auth/refresh?return_to=%2Fdashboard&${query}`;
  return (await refreshEndpoint.GET(new NextRequest(url, { headers }))).headers.get('location');
}

/** Another page begins to render. */
export async function openPage(): Promise<void> {
  renderAnew();
  await requireSession('/dashboard');
}
