import { describe, expect, it } from 'vitest';
import { readDeletedId, readMessage } from './read-event';

const good = {
  id: 'm_1',
  author: { name: 'Ada' },
  text: '<b>',
  created_at: '2026-01-01T00:00:00Z',
  mine: true,
};
const read = (change: Record<string, unknown>) => readMessage(JSON.stringify({ ...good, ...change }));

describe('an event of the stream', () => {
  it('RC-11: gives a message of bounded size', () => {
    const message = { id: 'm_1', author: 'Ada', text: '<b>', createdAt: good.created_at, isMine: true };
    expect(read({ to_contact_id: null })).toEqual(message);
    const long = read({ text: 'a'.repeat(20_000), author: { name: 'b'.repeat(500) }, mine: 'yes' });
    expect([long?.text.length, long?.author.length, long?.isMine]).toEqual([10_000, 200, false]);
    expect(read({ author: null })?.author).toBe('');
  });

  it.each([
    [{ id: 7 }],
    [{ id: '' }],
    [{ id: 'm'.repeat(65) }],
    [{ text: null }],
    [{ created_at: 'soon' }],
    [{ created_at: `2026-01-01T00:00:00.${'0'.repeat(100)}Z` }],
  ])('RC-11: with %.60j is left out', (change) => {
    expect(read(change)).toBeNull();
  });

  it.each(['', '[', 'null', '7', '"m_1"', '[]', '{}', '{"id":{}}'])('RC-11: of %j is left out', (data) => {
    expect([readMessage(data), readDeletedId(data)]).toEqual([null, null]);
  });

  it('names what was deleted', () => {
    expect(readDeletedId('{"id":"m_1"}')).toBe('m_1');
  });
});
