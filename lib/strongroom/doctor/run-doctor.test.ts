import { expect, it, vi } from 'vitest';
import { testDeclaration as declaration } from '../testing/declaration';
import { examine } from './examine';
import { runDoctor } from './run-doctor';

vi.mock('./examine', () => ({ examine: vi.fn(async () => []) }));

it.each([undefined, 7, 10, 60])(
  'within %s seconds, each request has a third of it, in whole milliseconds',
  async (withinSec) => {
    await runDoctor(declaration, { isJson: true, withinSec });
    const { totalMs, requestMs } = vi.mocked(examine).mock.lastCall?.[0] ?? { totalMs: 0, requestMs: 0 };
    expect(Number.isInteger(requestMs)).toBe(true);
    expect([requestMs > 0, requestMs * 3 <= totalMs]).toEqual([true, true]);
  },
);
