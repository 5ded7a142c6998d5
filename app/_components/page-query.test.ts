import { describe, expect, it } from 'vitest';
import { buildAddress, readPageNumber, readSingle } from './page-query';

describe('the query of a page', () => {
  it('counts a repeated parameter as absent', () => {
    expect(readSingle({ q: ['a', 'b'] }, 'q')).toBeNull();
    expect(readSingle({ q: 'a' }, 'q')).toBe('a');
  });

  it.each(['0', '-1', '1.5', '1e3', 'x', '', '12345678'])('reads "%s" as the first page', (page) => {
    expect(readPageNumber({ page })).toBe(1);
  });

  it('reads a page number', () => {
    expect(readPageNumber({ page: '12' })).toBe(12);
  });

  it('leaves unset parameters out of an address and encodes the others', () => {
    expect(buildAddress('/dashboard/contacts', { q: 'a&b', page: null })).toBe('/dashboard/contacts?q=a%26b');
    expect(buildAddress('/dashboard/contacts', { q: '', page: null })).toBe('/dashboard/contacts');
  });
});
