import { describe, expect, it } from 'vitest';
import { beginLive, type Listing, type LiveEvent, listLive, maxAdded, reduceLive } from './live-state';
import type { ShownMessage } from './message-item';

/** A message of the minute `at`. */
function message(at: number): ShownMessage {
  const createdAt = new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString();
  const time = { iso: createdAt, exactly: '', words: 'just now' };
  const ofAnother = { isMine: false, picture: null };
  return { ...ofAnother, id: `m_${at}`, name: 'Ada', text: String(at), createdAt, time };
}

const listingOf = (minutes: number[], more: Partial<Listing> = {}): Listing => ({
  owner: 'ada',
  messages: minutes.map(message),
  total: minutes.length,
  isLive: true,
  ...more,
});
const arrived = (at: number): LiveEvent => ({ kind: 'message', message: message(at) });
const listed = (listing: Listing): LiveEvent => ({ kind: 'listed', listing });
const deleted = (at: number): LiveEvent => ({ kind: 'deleted', id: `m_${at}` });

function listAfter(minutes: number[], ...events: LiveEvent[]) {
  const list = listLive(events.reduce(reduceLive, beginLive(listingOf(minutes))));
  return { ...list, messages: list.messages.map(({ text }) => Number(text)) };
}

describe('the messages of an open page', () => {
  it('grow at the top, each message once, and the total with them', () => {
    const list = listAfter([2, 1], arrived(3), arrived(4), arrived(3));
    expect(list).toEqual({ messages: [4, 3, 2, 1], total: 4, added: 2, isStale: false });
  });

  it('have one message once that came by the stream and by the list', () => {
    expect(listAfter([1], arrived(2), listed(listingOf([2, 1])))).toMatchObject({
      messages: [2, 1],
      added: 0,
    });
    expect(listAfter([1], listed(listingOf([2, 1])), arrived(2))).toMatchObject({
      messages: [2, 1],
      total: 2,
    });
  });

  it('lose what was deleted, whichever way it had come, and whatever an older list says', () => {
    const list = listAfter([2, 1], arrived(3), deleted(3), deleted(1), listed(listingOf([2, 1])));
    expect(list).toMatchObject({ messages: [2], total: 1 });
  });

  it('keep what arrived while a list was on its way, and nothing that is older than the list', () => {
    expect(listAfter([1], arrived(3), listed(listingOf([2, 1]))).messages).toEqual([3, 2, 1]);
    expect(listAfter([1], arrived(2), listed(listingOf([4, 3]))).messages).toEqual([4, 3]);
  });

  it('wait for the next list when it cannot be told what was missed', () => {
    const events = [arrived(2), { kind: 'reload' } as const, arrived(5), { kind: 'reload' } as const];
    expect(listAfter([1], ...events)).toMatchObject({ messages: [2, 1], isStale: true });
    const list = listAfter([1], ...events, listed(listingOf([4, 3, 2, 1])));
    expect(list).toMatchObject({ messages: [5, 4, 3, 2, 1], isStale: false });
  });

  it('are those of one user: with another one’s list nothing of the first stays', () => {
    const other = listed(listingOf([1], { owner: 'grace' }));
    expect(listAfter([1], arrived(5), other)).toMatchObject({ messages: [1], total: 1 });
  });

  it('do not grow on a later page', () => {
    expect(listAfter([9], arrived(10), listed(listingOf([1], { isLive: false }))).messages).toEqual([1]);
  });

  it('are bounded', () => {
    const many = Array.from({ length: maxAdded + 20 }, (_, index) => arrived(index + 2));
    expect(listAfter([1], ...many).added).toBe(maxAdded);
  });
});
