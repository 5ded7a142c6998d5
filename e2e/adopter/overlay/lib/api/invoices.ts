/** The user's invoices, from `GET /invoices`, `GET /invoices/{id}` and `POST /invoices`. */
import 'server-only';
import { type CallResult, callApi } from 'strongroom';
import { z } from 'zod';
import { type Page, pageSchema, wireText, wireTime } from './wire';

export type Invoice = {
  id: string;
  customer: string;
  totalCents: number;
  isPaid: boolean;
  /** ISO 8601 with offset. */
  issuedAt: string;
};

const invoiceSchema = z
  .object({
    id: wireText(64),
    customer: wireText(200),
    total_cents: z.number().int().min(0),
    paid: z.boolean(),
    issued_at: wireTime,
  })
  .transform(
    ({ total_cents, paid, issued_at, ...invoice }): Invoice => ({
      ...invoice,
      totalCents: total_cents,
      isPaid: paid,
      issuedAt: issued_at,
    }),
  );

/** @param page counts from 1 */
export function listInvoices({ page }: { page: number }): Promise<CallResult<Page<Invoice>>> {
  const query = { page: String(page), per_page: '20' };
  return callApi({ method: 'GET', path: ['invoices'], query }, pageSchema(invoiceSchema));
}

export function getInvoice(id: string): Promise<CallResult<Invoice>> {
  return callApi({ method: 'GET', path: ['invoices', id] }, invoiceSchema);
}

export type NewInvoice = { customer: string; totalCents: number };

/** @param idempotencyKey the same key creates one invoice, however often it is sent */
export function createInvoice(
  { customer, totalCents }: NewInvoice,
  idempotencyKey: string,
): Promise<CallResult<Invoice>> {
  const json = { customer, total_cents: totalCents };
  return callApi({ method: 'POST', path: ['invoices'], json, idempotencyKey }, invoiceSchema);
}
