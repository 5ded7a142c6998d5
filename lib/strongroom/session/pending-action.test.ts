import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ZodError } from 'zod';
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
  action: { name: 'delete_item', input: { itemId: '7' } },
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

describe('SE-18: a pending action', () => {
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

  it.each(['grace', '', 'ADA'])('SE-18, CB-26: is not shown to "%s"', async (owner) => {
    await writePendingAction(jar, waiting);
    expect(await readPendingAction(jar, owner)).toBeNull();
  });

  it('SE-18: is replaced by the next one', async () => {
    await writePendingAction(jar, waiting);
    const next = await writePendingAction(jar, { ...waiting, action: { name: 'export_all', input: {} } });
    expect(await readPendingAction(jar, 'ada')).toEqual(next);
    expect(jar.cookies.size).toBe(1);
  });

  it('SE-18: its outcome replaces it, under the same id', async () => {
    const pending = await writePendingAction(jar, waiting);
    await updatePendingAction(jar, { ...pending, state: 'done' });
    expect(await readPendingAction(jar, 'ada')).toEqual({ ...pending, state: 'done' });
  });

  it('CK-08: expires after a quarter of an hour, although the browser kept its cookie', async () => {
    await writePendingAction(jar, waiting);
    vi.setSystemTime((noonSec + 899) * 1000);
    expect(await readPendingAction(jar, 'ada')).not.toBeNull();
    vi.setSystemTime((noonSec + 961) * 1000);
    expect(await readPendingAction(jar, 'ada')).toBeNull();
  });

  it('is gone once removed, and removing none writes no cookie', async () => {
    await removePendingAction(jar);
    expect(jar.writes).toEqual([]);
    await writePendingAction(jar, waiting);
    await removePendingAction(jar);
    expect(jar.cookies.size).toBe(0);
  });

  it('CK-11: is not written with an input that is too long for its cookie', async () => {
    const action = { name: 'delete_item', input: { itemId: '7'.repeat(200) } };
    await expect(writePendingAction(jar, { ...waiting, action })).rejects.toThrow(ZodError);
    expect(jar.writes).toEqual([]);
  });
});

describe('a text in the place of a pending action', () => {
  const whole = { id: 'id-1', ...waiting };

  it.each<[string, () => Promise<string>]>([
    ['sealed as a step-up', () => seal('step_up', whole, 900)],
    ['sealed as a draft', () => seal('draft', whole, 900)],
    ['sealed as a session', () => seal('session', whole, 900)],
    [
      'with a name that is none',
      () => seal('pending_action', { ...whole, action: { name: 'Delete it!', input: {} } }, 900),
    ],
    ['without an input', () => seal('pending_action', { ...whole, action: { name: 'pay' } }, 900)],
    ['in a state we do not know', () => seal('pending_action', { ...whole, state: 'approved' }, 900)],
    [
      'with an input that is too long',
      () => seal('pending_action', { ...whole, action: { name: 'pay', input: '7'.repeat(199) } }, 900),
    ],
    ['never sealed', async () => JSON.stringify(whole)],
    [
      'changed at its end',
      async () => (await seal('pending_action', whole, 900)).replace(/.{3}~2$/, 'AAA~2'),
    ],
  ])('CK-04, CK-05: %s is not read', async (_name, write) => {
    jar.cookies.set(name, await write());
    expect(await readPendingAction(jar, 'ada')).toBeNull();
  });
});
