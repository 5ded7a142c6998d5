import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { noonSec } from '../testing/sessions';
import {
  type PendingAction,
  readPendingAction,
  removePendingAction,
  updatePendingAction,
  writePendingAction,
} from './pending-action';
import { seal } from './seal';

const name = '__Host-strongroom-pending';
const waiting: Omit<PendingAction, 'id'> = {
  owner: 'ada',
  action: { name: 'delete_message', input: { id: '7' } },
  requirement: { maxAgeSec: 300, acrValues: ['urn:example:strong'] },
  state: 'waiting',
};
let jar: TestJar;

beforeEach(() => {
  useEnvironment();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  jar = createTestJar();
});
afterEach(() => void vi.useRealTimers());

describe('SE-18: an action that waits', () => {
  it('SE-18: is read back by its owner, with an id of its own', async () => {
    const pending = await writePendingAction(jar, waiting);
    expect(await readPendingAction(jar, 'ada')).toEqual(pending);
    expect(pending).toEqual({ ...waiting, id: expect.stringMatching(/^[\w-]{16}$/) });
    expect((await writePendingAction(createTestJar(), waiting)).id).not.toBe(pending.id);
  });

  it('CK-01: has a cookie for a quarter of an hour', async () => {
    await writePendingAction(jar, waiting);
    expect(jar.writes[0]).toMatchObject({
      name,
      options: { httpOnly: true, secure: true, sameSite: 'lax', path: '/', maxAge: 900 },
    });
  });

  it.each(['grace', '', 'ADA'])('SE-18, CB-26: is not carried on by "%s"', async (owner) => {
    await writePendingAction(jar, waiting);
    expect(await readPendingAction(jar, owner)).toBeNull();
  });

  it('SE-18: one at a time: the next takes its place', async () => {
    await writePendingAction(jar, waiting);
    const next = await writePendingAction(jar, {
      ...waiting,
      action: { name: 'export_contacts', input: {} },
    });
    expect(await readPendingAction(jar, 'ada')).toEqual(next);
    expect(jar.cookies.size).toBe(1);
  });

  it('SE-18: what came of it takes its place, under the same id', async () => {
    const pending = await writePendingAction(jar, waiting);
    await updatePendingAction(jar, { ...pending, state: 'done' });
    expect(await readPendingAction(jar, 'ada')).toEqual({ ...pending, state: 'done' });
  });

  it('CK-08: is over after a quarter of an hour, whatever the browser kept', async () => {
    await writePendingAction(jar, waiting);
    vi.setSystemTime((noonSec + 899) * 1000);
    expect(await readPendingAction(jar, 'ada')).not.toBeNull();
    vi.setSystemTime((noonSec + 961) * 1000);
    expect(await readPendingAction(jar, 'ada')).toBeNull();
  });

  it('is gone once removed, and removing none writes nothing', async () => {
    await removePendingAction(jar);
    expect(jar.writes).toEqual([]);
    await writePendingAction(jar, waiting);
    await removePendingAction(jar);
    expect(jar.cookies.size).toBe(0);
  });
});

describe('what is no action that waits', () => {
  const whole = { id: 'id-1', ...waiting };

  it.each<[string, () => Promise<string>]>([
    ['sealed as a stepUp', () => seal('step_up', whole, 900)],
    ['sealed as a draft', () => seal('draft', whole, 900)],
    ['sealed as a session', () => seal('session', whole, 900)],
    ['of an action without input', () => seal('pending_action', { ...whole, action: { name: 'pay' } }, 900)],
    ['in a state we do not know', () => seal('pending_action', { ...whole, state: 'approved' }, 900)],
    [
      'with an input too long',
      () =>
        seal(
          'pending_action',
          { ...whole, action: { name: 'delete_message', input: { id: '7'.repeat(200) } } },
          900,
        ),
    ],
    ['never sealed', async () => JSON.stringify(whole)],
    [
      'changed at its end',
      async () => (await seal('pending_action', whole, 900)).replace(/.{3}~2$/, 'AAA~2'),
    ],
  ])('CK-04, CK-05: %s is none', async (_name, write) => {
    jar.cookies.set(name, await write());
    expect(await readPendingAction(jar, 'ada')).toBeNull();
  });
});
