import { beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { describePermission, listPermissions } from './permissions';

beforeEach(() => useEnvironment());

describe('permissions in words', () => {
  it('leave out identity scopes, and keep the order of the declaration', () => {
    const titles = listPermissions(['openid', 'write:messages', 'profile', 'email', 'read:contacts']);
    expect(titles.map(({ scope }) => scope)).toEqual(['read:contacts', 'write:messages']);
  });

  it('RC-04: an unknown one stands under its own name, after the known ones', () => {
    expect(listPermissions(['read:invoices', 'read:contacts']).map(({ title }) => title)).toEqual([
      'Read your contacts',
      'read:invoices',
    ]);
    expect(describePermission('constructor').title).toBe('constructor');
    expect(describePermission('write:messages').title).toBe('Post messages');
  });
});
