/**
 * The audit log at a collector: batches of lines by POST (`application/x-ndjson`), with the id of the batch as
 * `Idempotency-Key`. Any 2xx means that it has them.
 */
import 'server-only';
import { sendWhole } from '../base/http-client';
import { HttpError } from '../base/http-exchange';
import { readRetryAfter } from '../base/retry-after';
import type { AuditDestination } from '../config/audit-settings';
import { type AuditSink, DeliveryError } from './audit-queue';

const gatherMs = 1_000;
const limits = { timeoutMs: 10_000, maxBytes: 100_000 };
/** These lines are what it does not take. */
const finalStatuses = [400, 413, 415, 422];

type Collector = Extract<AuditDestination, { kind: 'collector' }>;

export function createCollectorSink(collector: Collector): AuditSink {
  return {
    gatherMs,
    deliver: async (lines, { id }) => {
      const { status, headers } = await post(collector, `${lines.join('\n')}\n`, id);
      if (status >= 200 && status < 300) return;
      throw new DeliveryError('collector_status', {
        isFinal: finalStatuses.includes(status),
        retryAfterSec: Math.min(readRetryAfter(headers.get('retry-after')) ?? 0, 300),
        mend: describeStatus(status),
      });
    },
  };
}

/** @throws DeliveryError without a response */
export async function post({ url, authorization }: Collector, body: string, id: string): Promise<Response> {
  const headers = new Headers({ 'content-type': 'application/x-ndjson', 'idempotency-key': id });
  if (authorization !== null) headers.set('authorization', authorization);
  try {
    return await sendWhole(url, { method: 'POST', headers, body }, limits);
  } catch (cause) {
    const reason = cause instanceof HttpError ? `collector_${cause.failure}` : 'internal_error';
    throw new DeliveryError(reason, { cause, mend: 'see whether the address in AUDIT_LOG answers' });
  }
}

export function describeStatus(status: number): string {
  if (status === 401 || status === 403)
    return `the collector answers ${status}: check AUDIT_LOG_AUTHORIZATION`;
  if (status === 404 || status === 405) return `the collector answers ${status}: check the path in AUDIT_LOG`;
  return `the collector answers ${status}`;
}
