/** What has happened to the messages since the server listed them. Pure. */
import type { ShownMessage } from './message-item';

/** A page of the list, as the server rendered it. */
export type Listing = {
  /** Pseudonym of the user whose messages these are. */
  owner: string;
  messages: readonly ShownMessage[];
  total: number;
  /** Whether what is new belongs to it: on the first page. */
  isLive: boolean;
};

export type LiveState = {
  listing: Listing;
  /** Newest first. */
  added: readonly ShownMessage[];
  deleted: ReadonlySet<string>;
  /** Between an event `reload` and the next list: what arrives meanwhile is shown with that one. */
  held: readonly ShownMessage[] | null;
};

export type LiveEvent =
  | { kind: 'message'; message: ShownMessage }
  | { kind: 'deleted'; id: string }
  | { kind: 'reload' }
  | { kind: 'listed'; listing: Listing };

/** More than that are read from the server again. */
export const maxAdded = 100;

export function beginLive(listing: Listing): LiveState {
  return { listing, added: [], deleted: new Set(), held: null };
}

export function reduceLive(state: LiveState, event: LiveEvent): LiveState {
  switch (event.kind) {
    case 'message':
      return state.held === null
        ? { ...state, added: addTo(state.added, event.message) }
        : { ...state, held: addTo(state.held, event.message) };
    case 'deleted':
      return { ...state, deleted: new Set([...state.deleted, event.id]) };
    case 'reload':
      return { ...state, held: state.held ?? [] };
    case 'listed':
      return listAgain(state, event.listing);
  }
}

/** What is newer than the new list stays: it may have arrived while the list was on its way. */
function listAgain({ listing: before, added, deleted, held }: LiveState, listing: Listing): LiveState {
  if (before.owner !== listing.owner) return beginLive(listing);
  const ids = new Set(listing.messages.map(({ id }) => id));
  const newest = Date.parse(listing.messages[0]?.createdAt ?? '');
  const isNew = ({ id, createdAt }: ShownMessage) => !ids.has(id) && !(Date.parse(createdAt) < newest);
  return { listing, added: (held ?? added).filter(isNew), deleted, held: null };
}

function addTo(messages: readonly ShownMessage[], message: ShownMessage): readonly ShownMessage[] {
  if (messages.some(({ id }) => id === message.id)) return messages;
  return [message, ...messages].slice(0, maxAdded);
}

export type LiveList = {
  messages: readonly ShownMessage[];
  total: number;
  /** How many arrived since the server listed them. */
  added: number;
  /** Whether the list must be read again first. */
  isStale: boolean;
};

/** Each message once: what the user posted here comes from both sides. */
export function listLive({ listing, added, deleted, held }: LiveState): LiveList {
  const isThere = ({ id }: ShownMessage) => !deleted.has(id);
  const ids = new Set(listing.messages.map(({ id }) => id));
  const fresh = listing.isLive ? added.filter((message) => isThere(message) && !ids.has(message.id)) : [];
  const kept = listing.messages.filter(isThere);
  const gone = listing.messages.length - kept.length;
  return {
    messages: [...fresh, ...kept],
    total: listing.total + fresh.length - gone,
    added: fresh.length,
    isStale: held !== null,
  };
}
