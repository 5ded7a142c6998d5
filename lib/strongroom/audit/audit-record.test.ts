import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { EventFields, EventName } from '../base/events';
import { type AuditContext, auditRecordSchema, toAuditRecord } from './audit-record';
import { findRule } from './audited-events';

const context: AuditContext = {
  id: '3f0c8a52-93a5-4f3e-9a3d-0c1f8f7e2b11',
  time: '2026-03-12T14:05:00.123Z',
  actor: { userPseudonym: 'GkQy3bVnT0aZ1XcW', sessionId: 'h5ZQmN3pWc8tJr2KxYv0Aa' },
  client: { address: '192.0.2.7', userAgent: 'Mozilla/5.0' },
};

function record(event: EventName, fields: EventFields = {}, changes: Partial<AuditContext> = {}) {
  const logged = { event, level: 'info', fields } as const;
  const rule = findRule(logged);
  return rule === null ? null : toAuditRecord(logged, rule, { ...context, ...changes });
}

const asWritten = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('a record of the audit log', () => {
  it('says who did what, from where and when, and nothing that is not in its schema', () => {
    const fields = { userPseudonym: 'ofTheEvent', scopes: 5, fit: 'whole', permission: 'write:contacts' };
    const written = asWritten(record('signed_in', { ...fields, isGranted: true, requestId: 'request-1' }));
    expect(written).toEqual({
      ...{ schema: 'strongroom.audit/1', id: context.id, time: context.time },
      ...{ event: 'signed_in', outcome: 'success', requestId: 'request-1' },
      actor: { userPseudonym: 'ofTheEvent', sessionId: 'h5ZQmN3pWc8tJr2KxYv0Aa' },
      client: context.client,
      details: { scopes: 5, permission: 'write:contacts', isGranted: true },
    });
    expect(z.strictObject(auditRecordSchema.shape).safeParse(written).success).toBe(true);
  });

  it('is made of events about security alone', () => {
    expect(record('tokens_refreshed')).toBeNull();
    expect(record('refresh_failed', { isFinal: false })).toBeNull();
    expect(record('refresh_failed', { isFinal: true, code: 'invalid_grant' })).toMatchObject({
      ...{ outcome: 'rejected', code: 'invalid_grant' },
    });
  });

  it('is one short line, whatever a browser calls itself', () => {
    const userAgent = `evil\r\n{"schema":"strongroom.audit/1"}\u2028\u202e${'x'.repeat(100_000)}\ud800`;
    const written = JSON.stringify(record('form_rejected', {}, { client: { userAgent } }));
    expect(written).not.toMatch(/[\r\n\u2028\u202e]/);
    expect(written).not.toContain('\\n');
    expect(written.length).toBeLessThan(1_000);
    expect(auditRecordSchema.safeParse(JSON.parse(written)).success).toBe(true);
  });

  it('has the code that a server gave, and no other text of it', () => {
    const of = (serverError: string) =>
      asWritten(record('sign_in_rejected', { serverError, serverDescription: 'for ada@example.test' }));
    expect(of('access_denied').details).toEqual({ serverError: 'access_denied' });
    expect(of('ada@example.test').details).toEqual({});
    expect(JSON.stringify(of('a'.repeat(61)))).not.toMatch(/aaaa|ada/);
  });

  it('follows the schema in the documents', () => {
    const path = new URL('../../../docs/audit-log.schema.json', import.meta.url);
    const schema = z.toJSONSchema(auditRecordSchema);
    const { title, ...documented } = JSON.parse(readFileSync(path, 'utf8'));
    expect(title).toBe('A line of the audit log');
    expect(documented).toEqual(schema);
  });
});
