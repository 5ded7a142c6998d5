'use server';
/** Creates invoices. Whatever happens, what was typed is kept on the page. */
import { randomUUID } from 'node:crypto';
import { revalidatePath } from 'next/cache';
import {
  type ActionForm,
  type CallResult,
  describePermission,
  startSignInPath,
  userAction,
} from 'strongroom';
import { createInvoice } from '@/lib/api/invoices';
import { places } from '@/lib/places';
import type { FormState } from './form-state';

export const createInvoiceAction = userAction<FormState>(
  {
    returnTo: places.invoices,
    rejected: (_rejection, form) => respond(form, 'Nothing was created. Try again.'),
  },
  async (form) => {
    const totalCents = Math.round(Number(form.field('total')) * 100);
    const customer = form.field('customer').trim();
    if (customer === '' || !Number.isSafeInteger(totalCents) || totalCents <= 0)
      return respond(form, 'Who pays, and how much?');
    const result = await createInvoice({ customer, totalCents }, form.field('key'));
    if (result.kind !== 'ok') return explain(form, result);
    revalidatePath(places.invoices);
    const words = `The invoice to ${customer} is created.`;
    return { key: randomUUID(), customer: '', total: '', outcome: { tone: 'good', words } };
  },
);

function explain(form: ActionForm, result: Exclude<CallResult<unknown>, { kind: 'ok' }>): FormState {
  const state = respond(form, 'Nothing was created. Try again in a moment.');
  if (result.kind !== 'insufficient_scope') return state;
  const { title } = describePermission(result.scope);
  const href = startSignInPath({ returnTo: places.invoices, permission: result.scope });
  const words = `This needs the extra permission ‘${title}’.`;
  return { ...state, outcome: { tone: 'note', words, link: { label: `Grant ‘${title}’`, href } } };
}

function respond({ field }: ActionForm, words: string): FormState {
  return {
    key: field('key') || randomUUID(),
    customer: field('customer'),
    total: field('total'),
    outcome: { tone: 'bad', words },
  };
}
