import { expect, it } from 'vitest';
import { selectStaysDeleted } from './stays-deleted.ts';

const base = ['app/page.tsx', 'app/shop/page.tsx', 'app/shop/cart.tsx', 'e2e/shop.spec.ts', 'e2e/help.ts'];
const patterns = ['app/shop', 'e2e/*.spec.ts'];
const select = (added: string[], ours: string[]) => selectStaysDeleted(added, { base, ours, patterns });

it('what is added to a deleted folder or group stays out, beside files of the adopter too', () => {
  const ours = ['app/page.tsx', 'app/shop/ours.tsx', 'e2e/help.ts', 'e2e/ours.spec.ts'];
  const added = ['app/shop/new.tsx', 'app/shop/deep/new.tsx', 'e2e/new.spec.ts', 'e2e/new.ts', 'lib/new.ts'];
  expect(select(added, ours)).toEqual(['app/shop/new.tsx', 'app/shop/deep/new.tsx', 'e2e/new.spec.ts']);
});

it('what is added where something is left comes in', () => {
  expect(select(['app/shop/new.tsx', 'e2e/new.spec.ts', 'new.ts'], base)).toEqual([]);
});
