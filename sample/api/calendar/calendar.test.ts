/** The calendar is an API of its own: it takes no token of the other one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningApi, startCalendar } from '../server.ts';
import {
  buildClaims,
  createTestKey,
  signToken,
  startTestAuthorizationServer,
  type TestAuthorizationServer,
  type TestKey,
} from '../testing/test-authorization-server.ts';
import { inventEvents } from './invent-events.ts';

let server: TestAuthorizationServer;
let calendar: RunningApi;
let key: TestKey;
beforeAll(async () => {
  key = await createTestKey('key-1');
  server = await startTestAuthorizationServer([key]);
  calendar = await startCalendar(
    {
      issuer: server.issuer,
      calendarPort: 0,
      calendarIdentifier: '',
      freshSignInSec: 300,
      requiredAcr: null,
    },
    { log: () => {} },
  );
});
afterAll(async () => {
  await calendar.close();
  await server.close();
});

async function get(path: string, audience = calendar.identifier, scope = 'read:events'): Promise<Response> {
  const token = await signToken({ claims: { ...buildClaims(server.issuer, audience), scope }, key });
  return fetch(calendar.identifier + path, { headers: { authorization: `Bearer ${token}` } });
}

const withAnna = '/events?attendee=anna%40example.test';

describe('the calendar', () => {
  test('RS-06: takes a token for itself, and none for another API', async () => {
    expect((await get(withAnna)).status).toBe(200);
    const other = await get(withAnna, 'http://127.0.0.1:4001');
    expect([other.status, other.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
  });

  test('RS-09: names the scope that is missing', async () => {
    const response = await get(withAnna, calendar.identifier, 'read:contacts');
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('scope="read:events"');
  });

  test.each([
    '/events',
    '/events?attendee=a',
    `/events?attendee=${'a'.repeat(300)}`,
    `${withAnna}&attendee=b`,
  ])('a query without one e-mail address is rejected: %s', async (path) =>
    expect((await get(path)).status).toBe(400),
  );

  test('RS-16: says what it is', async () => {
    const response = await fetch(`${calendar.identifier}/.well-known/oauth-protected-resource`);
    expect(await response.json()).toMatchObject({
      resource: calendar.identifier,
      scopes_supported: ['read:events'],
    });
  });
});

describe('invented events', () => {
  const nowMs = Date.UTC(2026, 2, 12, 12);
  const owner = { issuer: 'https://issuer.example', subject: 'user-1' };
  const people = Array.from({ length: 40 }, (_, number) => `person${number}@example.test`);

  test('are the same for the same two people, in order, and never over', () => {
    for (const attendee of people) {
      const events = inventEvents({ owner, attendee }, nowMs);
      expect(inventEvents({ owner, attendee: attendee.toUpperCase() }, nowMs)).toEqual(events);
      expect(events.map((event) => event.starts_at).toSorted()).toEqual(
        events.map((event) => event.starts_at),
      );
      for (const { ends_at } of events) expect(Date.parse(ends_at)).toBeGreaterThanOrEqual(nowMs);
    }
  });

  test('are none with some people', () => {
    const counts = new Set(people.map((attendee) => inventEvents({ owner, attendee }, nowMs).length));
    expect([...counts].toSorted()).toEqual([0, 1, 2, 3]);
  });
});
