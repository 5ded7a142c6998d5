/** What a form says of a text that is not sent. Pure. */
import type { PostOutcome } from './post-state';

/** A post that got no response may have arrived: the key makes sending it again safe. */
const unsentWords = {
  sent_by_itself:
    'Not sent yet: no answer came. Your text is kept, and is sent again by itself while this page stays open. It is never posted twice.',
  sent_by_hand: 'Not sent yet: no answer came. Your text is kept. Post it again: it is never posted twice.',
} as const;

export function sayUnsent(unsent: keyof typeof unsentWords): string {
  return unsentWords[unsent];
}

export const sayRestored: PostOutcome = { tone: 'note', words: 'Your unsent message was kept.' };
