/** What the form for a new invoice shows: what was typed, and what came of it. Pure. */
import type { Tone } from '@/app/_components/notice';

export type FormState = {
  /** Names this invoice: sent again, it is created once. */
  key: string;
  customer: string;
  total: string;
  outcome: { tone: Tone; words: string; link?: { label: string; href: string } } | null;
};
