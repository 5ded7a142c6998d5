/** One message as the API answers it, and what a client sends to post one. */
import { z } from 'zod';

export type Message = {
  id: string;
  author: { name: string };
  /** Posted by the user who asks. */
  mine: boolean;
  text: string;
  /** ISO 8601, UTC. */
  created_at: string;
  to_contact_id: string | null;
};

const maxTextCharacters = 2_000;

// Line breaks and tabs are text; other control characters only confuse those who show it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about.
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

export const messageDraft = z.strictObject(
  {
    text: z
      .string('must be text')
      .trim()
      .min(1, 'must not be empty')
      .max(maxTextCharacters, `must be at most ${maxTextCharacters} characters`)
      .refine((text) => text.isWellFormed() && !controlCharacters.test(text), 'must be plain text'),
    to_contact_id: z
      .string('must be a contact id')
      .min(1, 'must not be empty')
      .max(64, 'is too long')
      .nullish(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must be a JSON object' : undefined) },
);

export type MessageDraft = z.infer<typeof messageDraft>;
