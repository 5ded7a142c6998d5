/** What the form for a contact's picture says after it was sent. Pure. */
import type { Tone } from '@/app/_components/notice';
import type { PictureOutcome } from './send-picture';

type Words = { tone: Tone; words: string; way?: 'grant' | 'sign_in' };

export const pictureWords: Record<PictureOutcome, Words> = {
  stored: { tone: 'good', words: 'The picture is stored.' },
  nothing_chosen: { tone: 'note', words: 'Choose a picture first.' },
  too_large: { tone: 'bad', words: 'Nothing was changed. A picture has at most 2 MB.' },
  wrong_type: { tone: 'bad', words: 'Nothing was changed. A picture is a PNG, JPEG or WebP file.' },
  too_many: { tone: 'bad', words: 'Nothing was changed. There is no room for more pictures.' },
  permission_needed: {
    tone: 'note',
    words: 'Nothing was changed. This needs one more permission.',
    way: 'grant',
  },
  access_denied: { tone: 'bad', words: 'Nothing was changed. You don’t have access to this.' },
  session_over: { tone: 'note', words: 'Nothing was changed. Your session has ended.', way: 'sign_in' },
  contact_gone: { tone: 'bad', words: 'Nothing was changed. The contact is gone.' },
  rate_limited: {
    tone: 'bad',
    words: 'Nothing was changed. There were too many uploads at once. Try again in a moment.',
  },
  // The API may have stored it before it fell silent; the same picture can be stored again.
  unavailable: { tone: 'bad', words: 'Contacts is not answering. Your choice is kept. Try again.' },
};
