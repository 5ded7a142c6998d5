/**
 * One line of the audit log: who did what, from where and when, in a shape that stays. `docs/audit-log.schema.json`
 * is made of this schema; a change that a reader of the log could notice is a new version of it. Pure.
 */
import { z } from 'zod';
import type { LoggedEvent } from '../base/events';
import { type AuditedEvent, auditOutcomes } from './audited-events';

const auditSchemaName = 'strongroom.audit/1';

const maxChars = { word: 200, userAgent: 256 } as const;
const word = z.string().max(maxChars.word);

export const auditRecordSchema = z.object({
  schema: z.literal(auditSchemaName),
  id: z.uuid().describe('Of this record: one that arrives twice, as after a lost response, has the same.'),
  time: z.iso.datetime().describe('When it happened, in UTC with milliseconds.'),
  event: word.describe('A name of docs/troubleshooting.md. Versions of the application may add names.'),
  outcome: z.enum(auditOutcomes).describe('`rejected`: by a rule; `failure`: something does not work.'),
  actor: z
    .object({
      userPseudonym: word
        .optional()
        .describe('The same for one user as long as the lowest-numbered secret stays.'),
      subject: word.optional().describe('`sub` of the ID token, with AUDIT_LOG_USERS=subject.'),
      sessionId: word.optional().describe('A hash of it: the same in every record of one session.'),
    })
    .describe('Empty where nobody was signed in, or it was not known who.'),
  client: z.object({
    address: word.optional().describe('As the rate limits count it, cut by AUDIT_LOG_ADDRESSES.'),
    userAgent: z
      .string()
      .max(maxChars.userAgent)
      .optional()
      .describe('What the browser calls itself: not verified.'),
  }),
  requestId: word.optional().describe('As in the log and in the header X-Request-Id of the response.'),
  target: word.optional().describe('API, resource or endpoint that it was about.'),
  code: word.optional().describe('A code of docs/troubleshooting.md.'),
  reason: word.optional().describe('A reason of docs/troubleshooting.md.'),
  reference: word.optional().describe('What the page showed to the user.'),
  details: z.record(word, z.union([word, z.number(), z.boolean()])).describe('More fields of some events.'),
});

export type AuditRecord = z.infer<typeof auditRecordSchema>;

/** Of the moment and the request. */
export type AuditContext = Pick<AuditRecord, 'id' | 'time' | 'actor' | 'client'>;

export function toAuditRecord(
  { event, fields }: LoggedEvent,
  rule: AuditedEvent,
  { id, time, actor, client }: AuditContext,
): AuditRecord {
  const { userPseudonym = actor.userPseudonym, code, reason, reference } = fields;
  const details = (rule.details ?? []).map((name) => [name, readDetail(name, fields[name])]);
  return {
    ...{ schema: auditSchemaName, id, time, event, outcome: rule.outcome },
    actor: { ...actor, userPseudonym, subject: toLine(actor.subject) },
    client: { ...client, userAgent: toLine(client.userAgent, maxChars.userAgent) },
    requestId: toLine(fields.requestId),
    target: toLine(fields.api ?? fields.resource ?? fields.endpoint),
    ...{ code: toLine(code), reason: toLine(reason), reference: toLine(reference) },
    details: Object.fromEntries(details),
  };
}

/** What a server calls an error is a text from outside: only the shape of a code passes. @see RFC 6749 §5.2 */
function readDetail(name: string, value: Value): Value {
  if (name === 'serverError' && !/^[a-z_]{1,60}$/.test(String(value))) return undefined;
  return typeof value === 'string' ? toLine(value) : value;
}

type Value = string | number | boolean | undefined;

/** Cut, and without control characters and what turns or breaks a line: no reader takes it for two. */
function toLine(value: Value, max: number = maxChars.word): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.slice(0, max).toWellFormed();
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
