import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { clientAddressHeader } from '../server/client-address';
import { writeSession } from '../session/session-cookie';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { buildPresentSession } from '../testing/sessions';
import { watchStore } from '../testing/watched-store';
import { LoginRequiredError } from './caller';
import { requireRole } from './require-role';
import { userAction } from './user-action';

const request = vi.hoisted(() => ({ jar: null as unknown, headers: null as unknown }));
vi.mock('../session/next-cookies', () => ({ requestCookies: async () => request.jar }));
vi.mock('next/headers', () => ({ headers: async () => request.headers }));

let jar: TestJar;
/** What happened, in order. */
let done: string[];
const session = buildPresentSession();
const sameOrigin = { origin: 'https://app.example', 'sec-fetch-site': 'same-origin' };

function useHeaders(headers: Record<string, string>, address = '192.0.2.1'): void {
  request.headers = new Headers({ ...headers, [clientAddressHeader()]: address });
}

beforeEach(async () => {
  const roles = { claim: 'roles', names: ['admin'] };
  useEnvironment({ REVOCATION_CHECK: 'closed', RATE_LIMIT_PER_MINUTE: '10' }, { roles });
  jar = createTestJar();
  request.jar = jar;
  done = [];
  useHeaders(sameOrigin);
  await writeSession(jar, session);
});

const action = userAction<string>(
  {
    returnTo: '/notes',
    maxBytes: 100,
    keep: async ({ field }) => void done.push(`kept ${field('text')}`),
    rejected: ({ kind }, { field }) => `${kind} ${field('text')}`,
  },
  async ({ field, session: { user } }) => {
    done.push(`${user.name} wrote ${field('text')}`);
    if (field('text') === 'as admin') await requireRole('admin');
    if (field('text') === 'too late') throw new LoginRequiredError('invalid_grant');
    return 'posted';
  },
);

function formOf(text: string): FormData {
  const form = new FormData();
  form.set('text', text);
  return form;
}

describe('an action of a signed-in user', () => {
  it('runs for a form of this site, with and without a previous state', async () => {
    expect([await action('', formOf('Hello')), await action(formOf('Hello'))]).toEqual(['posted', 'posted']);
    expect(done).toEqual(['Ada wrote Hello', 'Ada wrote Hello']);
  });

  it.each([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a sibling', { origin: 'https://x.app.example', 'sec-fetch-site': 'same-site' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a client that says nothing', {}],
  ])('CS-01, CS-09: does nothing for %s, and asks no store', async (_who, headers) => {
    useHeaders(headers);
    const store = watchStore();
    expect(await action('', formOf('forged'))).toBe('cross_site_request forged');
    expect([done, store.calls]).toEqual([[], []]);
  });

  it('CS-09: does nothing for a form that is too large, however it is split', async () => {
    const form = formOf('x'.repeat(60));
    form.set('y'.repeat(30), 'z'.repeat(20));
    expect(await action('', form)).toContain('too_large');
    form.delete('y'.repeat(30));
    form.set('file', new Blob(['z'.repeat(101)]));
    expect(await action('', form)).toContain('too_large');
    expect(done).toEqual([]);
  });

  it('RL-01: does nothing beyond the rate limit of its address', async () => {
    // A new minute would be counted by itself.
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    for (let count = 0; count < 100; count += 1) await action('', formOf('Hello'));
    expect(await action('', formOf('Hello'))).toBe('rate_limited Hello');
    expect(done).toHaveLength(100);
    useHeaders(sameOrigin, '198.51.100.1');
    expect(await action('', formOf('Hello'))).toBe('posted');
  });

  it('FW-01, CS-09: without a session keeps what was typed, and asks to sign in', async () => {
    request.jar = createTestJar();
    const left = action('', formOf('Hello'));
    await expect(left).rejects.toMatchObject({
      digest: expect.stringContaining('/sign-in?return_to=%2Fnotes'),
    });
    expect(done).toEqual(['kept Hello']);
  });

  it('RC-14: does the same when the session is revoked while it runs', async () => {
    const left = action('', formOf('too late'));
    await expect(left).rejects.toMatchObject({ digest: expect.stringContaining('&reason=invalid_grant') });
    expect(done).toEqual(['Ada wrote too late', 'kept too late']);
  });

  it('FW-01: that asks for a role is rejected for a user without it, and runs for one with it', async () => {
    expect(await action('', formOf('as admin'))).toBe('role_required as admin');
    await writeSession(jar, { ...session, roles: ['admin'] });
    expect(await action('', formOf('as admin'))).toBe('posted');
  });

  it('SE-15: does nothing while the session cannot be checked, and signs no user out', async () => {
    watchStore().goAway();
    expect(await action('', formOf('Hello'))).toBe('indeterminate Hello');
    expect(done).toEqual([]);
  });

  it.each([[[]], [['x', { text: 'no form' }]], [[null]], [[7, 8, 9]]])(
    'FW-04: called with %j, which is no form, it has no fields',
    async (given) => {
      expect(await (action as (...values: unknown[]) => Promise<string>)(...given)).toBe('posted');
      expect(done).toEqual(['Ada wrote ']);
    },
  );
});
