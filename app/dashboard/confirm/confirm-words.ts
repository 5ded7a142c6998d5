/** What the confirm page says: by what the user wants, and by how far it is. Pure. */
import type { PendingActionView } from 'strongroom';
import type { PendingActionName } from '@/lib/declaration';
import { places } from '@/lib/places';

export type ConfirmWords = { title: string; words: string; action: string };

/** The page that the action belongs to. */
export const homeOf: Record<PendingActionName, { path: string; name: string }> = {
  delete_message: { path: places.messages, name: 'Messages' },
  export_contacts: { path: places.contacts, name: 'Contacts' },
  post_message: { path: places.messages, name: 'Messages' },
};

const words: Record<PendingActionName, Record<PendingActionView['state'], ConfirmWords>> = {
  delete_message: {
    waiting: {
      title: 'Sign in again to delete the message',
      words:
        'Deleting cannot be undone, so it needs to be surely you. The message is deleted as soon as you are back.',
      action: 'Sign in again and delete',
    },
    done: { title: 'The message is deleted', words: 'It cannot be brought back.', action: '' },
    gone: { title: 'The message is gone already', words: 'Nothing else was changed.', action: '' },
    denied: {
      title: 'You cannot delete this message',
      words: 'Messages did not allow it. Nothing was deleted.',
      action: '',
    },
    unavailable: {
      title: 'Messages is not answering',
      words:
        'You are still signed in. Whether the message is deleted is not known; trying again does no harm.',
      action: 'Try again to delete',
    },
  },
  export_contacts: {
    waiting: {
      title: 'Sign in again to export your contacts',
      words:
        'The file holds every contact, so it needs to be surely you. The download is ready as soon as you are back.',
      action: 'Sign in again and export',
    },
    done: {
      title: 'Your contacts are ready',
      words: 'The download starts by itself. If it does not, use the button.',
      action: 'Download contacts',
    },
    gone: { title: 'There are no contacts to export', words: 'Nothing else was changed.', action: '' },
    denied: {
      title: 'You cannot export these contacts',
      words: 'Contacts did not allow it. Nothing was changed.',
      action: '',
    },
    unavailable: {
      title: 'Contacts is not answering',
      words: 'You are still signed in, and nothing was lost.',
      action: 'Try again to export',
    },
  },
  post_message: {
    waiting: {
      title: 'Sign in again to post your message',
      words: 'Your text is kept. It is posted as soon as you are back.',
      action: 'Sign in again and post',
    },
    done: { title: 'Your message is posted', words: 'It stands at the top of your messages.', action: '' },
    gone: {
      title: 'There is nothing to post any more',
      words:
        'The text was kept for an hour, or another one took its place. What you wrote last is in Messages.',
      action: '',
    },
    denied: {
      title: 'Your message could not be posted',
      words: 'Messages did not allow it. Your text is kept.',
      action: '',
    },
    unavailable: {
      title: 'Messages is not answering',
      words: 'Your text is kept. Try again: it is never posted twice.',
      action: 'Try again to post',
    },
  },
};

export function describeConfirmation({ name, state }: PendingActionView<PendingActionName>): ConfirmWords {
  return words[name][state];
}
