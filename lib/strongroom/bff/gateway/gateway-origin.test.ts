/** Where a request to the gateway comes from: what a browser says of it, and what it cannot say. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientAddressHeader } from '../../server/client-address';
import {
  askGateway,
  oneEvent,
  sendToGateway,
  signInAtGateway,
  startGatewayServers,
} from '../../testing/gateway';
import type { TestServer } from '../../testing/http-server';
import { noonSec } from '../../testing/sessions';
import type { TokenEndpoint } from '../../testing/token-endpoint';

vi.mock('../../session/next-cookies', () => import('../../testing/request-cookies'));

let api: TestServer;
let server: TokenEndpoint;
beforeAll(async () => {
  ({ api, server } = await startGatewayServers());
});
afterAll(() => Promise.all([api.close(), server.close()]));
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  await signInAtGateway({ api, server });
});
afterEach(() => void vi.useRealTimers());

describe('a request of a browser without fetch metadata, which sends no Origin with a GET', () => {
  const askQuietly = (method: string, headers: Record<string, string>) => {
    const init = { method, headers: { [clientAddressHeader()]: '192.0.2.1', ...headers } };
    return sendToGateway(init);
  };

  it('CS-02: is taken with our header, which no other site may send', async () => {
    expect((await askQuietly('GET', { 'x-strongroom': '1' })).status).toBe(200);
  });

  it.each<[string, string, Record<string, string>]>([
    ['without our header', 'GET', {}],
    ['with another value', 'GET', { 'x-strongroom': '2' }],
    ['that writes', 'POST', { 'x-strongroom': '1' }],
    ['of another origin', 'GET', { 'x-strongroom': '1', origin: 'https://evil.example' }],
    ['ahead of a click', 'GET', { 'x-strongroom': '1', 'sec-purpose': 'prefetch' }],
  ])('CS-01, CS-02: %s is rejected', async (_how, method, headers) => {
    const response = await askQuietly(method, headers);
    expect([response.status, api.requests]).toEqual([403, []]);
  });
});

describe('a request of an image or EventSource, which cannot set our header', () => {
  const metadata = (site: string, dest: string) => ({
    'x-strongroom': '',
    'sec-fetch-site': site,
    'sec-fetch-dest': dest,
  });
  beforeEach(() => {
    api.handlers['/contacts/stream'] = oneEvent;
    api.handlers['/contacts/c_1/picture'] = (_request, response) =>
      response.writeHead(200, { 'content-type': 'image/png' }).end('picture');
  });

  it.each([
    ['EventSource', '/stream', 'empty'],
    ['an image', '/c_1/picture', 'image'],
    ['a script', '', 'empty'],
  ])('CS-02: %s of our own page is taken by its fetch metadata', async (_who, path, dest) => {
    expect((await askGateway(metadata('same-origin', dest), { path })).status).toBe(200);
  });

  it.each([
    ['cross-site', 'empty', 'GET', '/stream'],
    ['same-site', 'empty', 'GET', '/stream'],
    ['none', 'empty', 'GET', '/stream'],
    ['cross-site', 'image', 'GET', '/c_1/picture'],
    ['same-origin', 'image', 'GET', ''],
    ['same-origin', 'image', 'GET', '/stream'],
    ['same-origin', 'document', 'GET', '/c_1/picture'],
    ['same-origin', 'iframe', 'GET', '/c_1/picture'],
    ['same-origin', 'script', 'GET', ''],
    ['same-origin', 'style', 'GET', ''],
    ['same-origin', 'object', 'GET', '/c_1/picture'],
    ['same-origin', '', 'GET', ''],
    ['same-origin', 'empty', 'PUT', ''],
  ])('CS-02: from %s, for %j, %s of %j is rejected', async (site, dest, method, path) => {
    const response = await askGateway(metadata(site, dest), { path, method });
    expect([response.status, await response.json()]).toMatchObject([403, { code: 'cross_site_request' }]);
    expect(api.requests).toEqual([]);
  });

  it('CS-02: an image that a page of another origin of the same site embeds is rejected', async () => {
    const headers = { ...metadata('same-origin', 'image'), origin: 'https://evil.example' };
    expect((await askGateway(headers, { path: '/c_1/picture' })).status).toBe(403);
  });
});
