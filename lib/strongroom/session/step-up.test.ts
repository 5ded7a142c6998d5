import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { goodEnvironment, useEnvironment } from '../testing/environment';
import { noonSec } from '../testing/sessions';
import { seal } from './seal';
import { openStepUp, type StepUp, sealStepUp } from './step-up';

const stepUp: StepUp = {
  owner: 'ada',
  requirement: { maxAgeSec: 300, acrValues: ['urn:example:strong'] },
  pendingId: 'pending-1',
};

beforeEach(() => {
  useEnvironment();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

describe('RC-06: a step-up for a better sign-in', () => {
  it('RC-06: is opened as it was sealed, for its own user', async () => {
    expect(await openStepUp(await sealStepUp(stepUp), 'ada')).toEqual(stepUp);
  });

  it('SE-18: is not opened for another user', async () => {
    const text = await sealStepUp(stepUp);
    for (const owner of ['grace', '', 'Ada']) expect(await openStepUp(text, owner)).toBeNull();
  });

  it('CK-08: expires after a quarter of an hour', async () => {
    const text = await sealStepUp(stepUp);
    vi.setSystemTime((noonSec + 899) * 1000);
    expect(await openStepUp(text, 'ada')).toEqual(stepUp);
    vi.setSystemTime((noonSec + 961) * 1000);
    expect(await openStepUp(text, 'ada')).toBeNull();
  });

  it('CK-05: of another deployment does not open', async () => {
    const text = await sealStepUp(stepUp);
    useEnvironment({ AUTH_SECRET: `${goodEnvironment.AUTH_SECRET}x` });
    expect(await openStepUp(text, 'ada')).toBeNull();
  });

  it.each<[string, () => Promise<string> | null]>([
    ['nothing', () => null],
    ['an empty text', async () => ''],
    ['a query that another site wrote', async () => 'max_age=0&acr_values=weak'],
    ['JSON', async () => JSON.stringify(stepUp)],
    ['the seal of a waiting action', () => seal('pending_action', stepUp, 900)],
    ['the seal of a transaction', () => seal('transaction', stepUp, 900)],
    ['a changed seal', async () => (await sealStepUp(stepUp)).replace('*', '*x')],
    ['a seal with more behind it', async () => `${await sealStepUp(stepUp)}~2`],
    ['a seal without an owner', () => seal('step_up', { ...stepUp, owner: '' }, 900)],
    [
      'a seal with a negative age',
      () => seal('step_up', { ...stepUp, requirement: { maxAgeSec: -1, acrValues: [] } }, 900),
    ],
  ])('RC-06, CK-04: %s does not open', async (_name, write) => {
    expect(await openStepUp(await write(), 'ada')).toBeNull();
  });
});
