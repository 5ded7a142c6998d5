/** What the form for a new message shows next: the answer of its action. Pure. */
import type { Tone } from '@/app/_components/notice';

export type PostState = {
  /** What was typed and is not posted yet. */
  text: string;
  /** Names this message: sent again with the same text, it is posted once. */
  key: string;
  /** Who writes: the mark of a person, checked again when the form is sent. */
  writer: string;
  outcome: PostOutcome | null;
};

export type PostOutcome = {
  tone: Tone;
  words: string;
  /** Whether the text itself is what must change. */
  isAboutText?: boolean;
  /** The permission that would do. */
  grant?: { label: string; href: string };
};
