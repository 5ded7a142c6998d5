/** Where the audit log goes and what it says about users: its variables, their rules and their values. Pure. */
import { z } from 'zod';
import { findAddressProblem } from './web-address';

/** The variables of the audit log; variables.ts has the type of a row. */
export const auditVariables = [
  {
    name: 'AUDIT_LOG',
    purpose:
      'Where the audit log goes: `off`, `stdout`, `file:/var/log/strongroom/audit.jsonl`, or the https address of a collector.',
    example: 'off',
    fallback: 'off',
  },
  {
    name: 'AUDIT_LOG_AUTHORIZATION',
    purpose: 'Value of the header Authorization for the collector, such as `Bearer …`.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'AUDIT_LOG_USERS',
    purpose: 'How the audit log names users: by `pseudonym`, or by their `subject` (`sub`) too.',
    example: 'pseudonym',
    fallback: 'pseudonym',
  },
  {
    name: 'AUDIT_LOG_ADDRESSES',
    purpose:
      'What the audit log says of a client’s address: the `whole`, its `network` (/24 of IPv4, /48 of IPv6), or `none`.',
    example: 'whole',
    fallback: 'whole',
  },
] as const;

export type AuditDestination =
  | { kind: 'stdout' }
  | { kind: 'file'; path: string }
  | { kind: 'collector'; url: URL; authorization: string | null };

export type AuditSettings = {
  /** null: there is no audit log. */
  destination: AuditDestination | null;
  hasSubjects: boolean;
  addresses: 'whole' | 'network' | 'none';
};

const file = /^file:(\/[^\0]*[^/\0])$/;

const destination = z.string().superRefine((value, check) => {
  if (value === 'off' || value === 'stdout' || file.test(value)) return;
  const message = /^https?:/.test(value)
    ? findAddressProblem(value)
    : 'must be off, stdout, file: with the path of a file from the root on, or the https address of a collector';
  if (message !== null) check.addIssue({ code: 'custom', message });
});

/** RFC 9110 §5.5: what a header may hold. */
const headerValue = z
  .string()
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'must be one line of plain characters');

export const auditRules = {
  AUDIT_LOG: destination,
  AUDIT_LOG_AUTHORIZATION: headerValue.optional(),
  AUDIT_LOG_USERS: z.enum(['pseudonym', 'subject'], 'must be pseudonym or subject'),
  AUDIT_LOG_ADDRESSES: z.enum(['whole', 'network', 'none'], 'must be whole, network or none'),
};

type Values = z.infer<z.ZodObject<typeof auditRules>>;

export function readAuditSettings(values: Values): AuditSettings {
  return {
    destination: readDestination(values),
    hasSubjects: values.AUDIT_LOG_USERS === 'subject',
    addresses: values.AUDIT_LOG_ADDRESSES,
  };
}

function readDestination({ AUDIT_LOG, AUDIT_LOG_AUTHORIZATION }: Values): AuditDestination | null {
  if (AUDIT_LOG === 'off') return null;
  if (AUDIT_LOG === 'stdout') return { kind: 'stdout' };
  const [, path] = file.exec(AUDIT_LOG) ?? [];
  if (path !== undefined) return { kind: 'file', path };
  return { kind: 'collector', url: new URL(AUDIT_LOG), authorization: AUDIT_LOG_AUTHORIZATION ?? null };
}
