/** Invents a user's first messages, in the days before the first call, between the user and a few of the contacts. */
import type { Contact } from '../contacts/contact.ts';
import type { OwnerName } from '../store/owner-store.ts';
import { createRandom, stableId } from '../store/random.ts';
import type { Message } from './message.ts';

type Line = { text: string; isMine: boolean };

/** Oldest first. */
const lines: Line[] = [
  { text: 'Welcome! This is where our notes to each other end up.', isMine: false },
  { text: 'Thank you, glad to be here.', isMine: true },
  { text: 'The samples arrived in one piece. The blue ones are lovely.', isMine: false },
  { text: 'Could you send the delivery dates for the second batch?', isMine: false },
  { text: 'Second batch leaves on Thursday, third one a week later.', isMine: true },
  { text: 'Perfect, that leaves us time for the photographs.', isMine: false },
  { text: 'Invoice 2107 shows last year’s address. Can it be corrected?', isMine: false },
  { text: 'Corrected and sent again, sorry about that.', isMine: true },
  { text: 'Our new colleague starts on Monday; please add her to the list.', isMine: false },
  { text: 'Done. She will get the next summary.', isMine: true },
  { text: 'Is Tuesday at ten still good for the call?', isMine: false },
  { text: 'The meeting room is booked; the link is in the invitation.', isMine: false },
];

const stepMs = 5 * 3_600_000 + 17 * 60_000;

/** @returns the messages oldest first, all before `nowMs`. Everything but the times depends on the user alone. */
export function inventMessages(owner: OwnerName, contacts: readonly Contact[], nowMs: number): Message[] {
  const random = createRandom(`messages\n${owner.issuer}\n${owner.subject}`);
  const partners = [random.pick(contacts), random.pick(contacts), random.pick(contacts)];
  return lines.map(({ text, isMine }, index) => {
    const partner = random.pick(partners);
    return {
      id: stableId('m', owner.issuer, owner.subject, String(index)),
      author: { name: isMine ? 'me' : partner.name },
      mine: isMine,
      text,
      created_at: new Date(nowMs - (lines.length - index) * stepMs).toISOString(),
      to_contact_id: isMine ? partner.id : null,
    };
  });
}
