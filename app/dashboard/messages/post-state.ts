/** What the form for a new message shows next: the result of its action. Pure. */
import type { Tone } from '@/app/_components/notice';

/** The form whose text is kept in the browser. */
export const messageFormName = 'new-message';

export type Written = {
  /** What was typed and is not posted yet. */
  text: string;
  /** Names this message: sent again with the same text, it is posted once. */
  key: string;
  /** Pseudonym of the user who writes, checked again when the form is sent. */
  writer: string;
};

export type PostState = Written & { outcome: PostOutcome | null };

/** What the list says after a message was deleted, or not. */
export type DeleteState = { words: string };

export type PostOutcome = {
  tone: Tone;
  words: string;
  /** Whether the text itself is what must change. */
  isAboutText?: boolean;
  /** The permission that would do. */
  grant?: { label: string; href: string };
};
