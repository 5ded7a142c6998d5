'use client';
/** The form for a new invoice. Works without JavaScript too. */
import { useKeptForm } from 'strongroom/client';
import { Shape } from '@/app/_components/notice';
import { SubmitButton } from '@/app/_components/submit-button';
import { createInvoiceAction } from './actions';
import type { FormState } from './form-state';

const fields = [
  { name: 'customer', label: 'Customer' },
  { name: 'total', label: 'Total in euros' },
] as const;

const notSent = { tone: 'bad', words: 'Not sent yet: no answer came. It is never created twice.' } as const;

export function InvoiceForm({ initial, owner }: { initial: FormState; owner: string }) {
  const kept = useKeptForm({ action: createInvoiceAction, initial, owner, form: 'new-invoice' });
  const { state, key, form, unsent } = kept;
  const outcome = unsent === null ? state.outcome : notSent;
  return (
    <form {...form} className="max-w-prose space-y-4">
      <input type="hidden" name="key" value={key} />
      {fields.map(({ name, label }) => (
        <label key={name} className="block font-semibold">
          {label}
          <input
            key={state.key}
            name={name}
            defaultValue={state[name]}
            className="block w-full rounded-control border border-edge bg-paper px-3 py-2 font-normal"
          />
        </label>
      ))}
      <SubmitButton label="Create invoice" pendingLabel="Creating" />
      <div role="status" className="min-h-11">
        {outcome === null ? null : <Outcome outcome={outcome} />}
      </div>
    </form>
  );
}

function Outcome({ outcome: { tone, words, link } }: { outcome: NonNullable<FormState['outcome']> }) {
  return (
    <p className="flex gap-2">
      <Shape tone={tone} />
      {words}
      {link === undefined ? null : (
        <a href={link.href} className="link">
          {link.label}
        </a>
      )}
    </p>
  );
}
