/** Words about a list of messages. Pure. */

export function sayTotal(total: number): string {
  return `${total.toLocaleString('en')} ${total === 1 ? 'message' : 'messages'}`;
}

export function sayEmpty(page: number): string {
  return page === 1
    ? 'No messages yet. The first one you post appears here.'
    : 'There are no messages this far back.';
}

export function sayAdded(added: number): string {
  if (added === 0) return '';
  return added === 1 ? 'A new message is at the top.' : `${added} new messages are at the top.`;
}
