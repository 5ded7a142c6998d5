import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { goodEnvironment, useEnvironment } from '@/lib/testing/environment';
import { noonSec } from '@/lib/testing/sessions';
import { type Demand, openDemand, sealDemand } from './demand';
import { seal } from './seal';

const demand: Demand = {
  owner: 'ada',
  requirement: { maxAgeSec: 300, acrValues: ['urn:example:strong'] },
  pendingId: 'pending-1',
};

beforeEach(() => {
  useEnvironment();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
});
afterEach(() => void vi.useRealTimers());

describe('RC-06: a demand for a better sign-in', () => {
  it('RC-06: arrives as it was sealed, for the person whom it is about', async () => {
    expect(await openDemand(await sealDemand(demand), 'ada')).toEqual(demand);
  });

  it('SE-18: of one person is none for another', async () => {
    const text = await sealDemand(demand);
    for (const owner of ['grace', '', 'Ada']) expect(await openDemand(text, owner)).toBeNull();
  });

  it('CK-08: is too old after a quarter of an hour', async () => {
    const text = await sealDemand(demand);
    vi.setSystemTime((noonSec + 899) * 1000);
    expect(await openDemand(text, 'ada')).toEqual(demand);
    vi.setSystemTime((noonSec + 961) * 1000);
    expect(await openDemand(text, 'ada')).toBeNull();
  });

  it('CK-05: of another deployment is none', async () => {
    const text = await sealDemand(demand);
    useEnvironment({ AUTH_SECRET: `${goodEnvironment.AUTH_SECRET}x` });
    expect(await openDemand(text, 'ada')).toBeNull();
  });

  it.each<[string, () => Promise<string> | null]>([
    ['nothing', () => null],
    ['an empty text', async () => ''],
    ['a query that somebody wrote', async () => 'max_age=0&acr_values=weak'],
    ['JSON', async () => JSON.stringify(demand)],
    ['the seal of a waiting action', () => seal('pending', demand, 900)],
    ['the seal of an attempt', () => seal('attempt', demand, 900)],
    ['a changed seal', async () => (await sealDemand(demand)).replace('*', '*x')],
    ['a seal with more behind it', async () => `${await sealDemand(demand)}~2`],
    ['a seal without an owner', () => seal('demand', { ...demand, owner: '' }, 900)],
    [
      'a seal with a negative age',
      () => seal('demand', { ...demand, requirement: { maxAgeSec: -1, acrValues: [] } }, 900),
    ],
  ])('RC-06, CK-04: %s is none', async (_name, write) => {
    expect(await openDemand(await write(), 'ada')).toBeNull();
  });
});
