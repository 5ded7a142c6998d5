import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendApiRequest } from '../api/send-request';
import { currentRequest, takeRequestId } from '../base/current-request';
import { type LoggedEvent, onEvent } from '../base/events';
import { logEvent } from '../base/log';
import { useEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer } from '../testing/guarded-server';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { buildSession } from '../testing/sessions';

const newId = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/;
const lines: LoggedEvent[] = [];
let guarded: GuardedServer;
let api: TestServer;
beforeAll(async () => {
  api = await startTestServer();
});
afterAll(() => api.close());
beforeEach(async () => {
  useEnvironment({ AUTH_URL: 'https://app.example', API_BASE_URL: api.origin, TRUSTED_PROXY_HOPS: '1' });
  guarded = await startGuardedServer();
  lines.length = 0;
  onEvent((line) => lines.push(line));
});
afterEach(() => guarded.close());

const sentId = (response: string) => response.match(/^X-Request-Id: (.*)\r$/im)?.[1] ?? '';
const lineIds = (event: string) =>
  lines.filter((line) => line.event === event).map(({ fields }) => fields.requestId);

describe('the id of a request', () => {
  it.each(['4bf92f3577b34da6a3ce929d0e0e4736', 'a1B2-c3_d4'])(
    'that a load balancer gave (%s) is in the response, in the lines of the log and at the API',
    async (id) => {
      const atApi: unknown[] = [];
      api.handlers['/a'] = (request, response, body) => {
        atApi.push(request.headers['x-request-id']);
        json({})(request, response, body);
      };
      guarded.listener = async (request, response) => {
        logEvent('signed_in');
        await sendApiRequest(buildSession(), { method: 'GET', path: ['a'] });
        response.end(`Next sees ${request.headers['x-request-id']}`);
      };
      const response = await guarded.get('/', `X-Request-Id: ${id}\r\n`);
      expect(sentId(response)).toBe(id);
      expect(response).toContain(`Next sees ${id}`);
      expect(lineIds('signed_in')).toEqual([id]);
      // And nothing else of what the process knows about its request.
      expect(lines.find(({ event }) => event === 'signed_in')?.fields).toEqual({ requestId: id });
      expect(atApi).toEqual([id]);
    },
  );

  it.each([
    'short',
    'a'.repeat(65),
    '-starts-with-a-dash',
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.',
    '"},{"level":"error","event":"started',
    '$(touch /tmp/x)',
    'ids with spaces',
    'x'.repeat(9),
  ])('is taken over only in a safe shape: %s', async (id) => {
    const isSafe = id === 'xxxxxxxxx';
    const given = sentId(await guarded.get('/', `X-Request-Id: ${id}\r\n`));
    expect(given).toMatch(isSafe ? /^x{9}$/ : newId);
  });

  it('is new where no proxy is in front, whatever a client sends', async () => {
    useEnvironment({ AUTH_URL: 'https://app.example', TRUSTED_PROXY_HOPS: '0' });
    expect(sentId(await guarded.get('/', 'X-Request-Id: of-a-client\r\n'))).toMatch(newId);
  });

  it('is new where two are given, or none', async () => {
    const twice = await guarded.get('/', 'X-Request-Id: aaaaaaaa\r\nX-Request-Id: bbbbbbbb\r\n');
    expect(sentId(twice)).toMatch(newId);
    expect(sentId(await guarded.get('/'))).toMatch(newId);
    expect(takeRequestId(['aaaaaaaa', 'bbbbbbbb'])).toMatch(newId);
  });

  it.each([
    ['a rejection', () => guarded.get('/', 'X-Request-Id: rejected-1\r\n', 'TRACE'), /^rejected-1$/],
    [
      'an expectation',
      () => guarded.get('/', 'Expect: 200-ok\r\nX-Request-Id: rejected-2\r\n'),
      /^rejected-2$/,
    ],
    ['bytes that are no request', () => guarded.get('/', 'no header\r\nX-Request-Id: rejected-3\r\n'), newId],
  ])('is in the line and in the response of %s', async (_, send, id) => {
    const given = sentId(await send());
    expect(given).toMatch(id);
    expect(lineIds('request_rejected')).toEqual([given]);
  });

  it('is not mixed up between requests that run at once', async () => {
    const waiting: (() => void)[] = [];
    guarded.listener = async (request, response) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 2) for (const go of waiting.toReversed()) go();
      });
      logEvent('signed_in', { reason: request.url?.slice(1) });
      response.end();
    };
    const ids = ['request-one', 'request-two'];
    await Promise.all(ids.map((id) => guarded.get(`/${id}`, `X-Request-Id: ${id}\r\n`)));
    const own = lines.filter(({ event }) => event === 'signed_in');
    const pairs = own.map(({ fields }) => [fields.reason, fields.requestId]);
    expect(pairs.toSorted()).toEqual(ids.map((id) => [id, id]));
  });

  it('is in no line outside of a request', () => {
    logEvent('started');
    expect(lines[0]?.fields).toEqual({});
    expect(currentRequest()).toBeNull();
  });
});
