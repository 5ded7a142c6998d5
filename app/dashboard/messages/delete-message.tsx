'use client';
/**
 * Deletes a message: in two steps, never by accident, and without JavaScript too. What is being written
 * meanwhile goes along, to be kept.
 */
import { createContext, type ReactNode, use, useEffect, useRef } from 'react';
import { type KeptForm, useKeptForm } from 'strongroom/client';
import { deleteMessageAction } from './actions';
import type { DeleteState } from './post-state';

type Deleting = KeptForm<DeleteState>['form'];

const DeleteContext = createContext<Pick<Deleting, 'action' | 'onSubmit'> | null>(null);
const initial: DeleteState = { words: '' };

/** Around the list: says what came of it, since the message that could say it is gone. */
export function DeletableMessages({ owner, children }: { owner: string; children: ReactNode }) {
  const { state, unsent, form } = useKeptForm({
    action: deleteMessageAction,
    initial,
    owner,
    form: 'delete-message',
  });
  const words = unsent === null ? state.words : 'Not deleted yet: no answer came. Try again.';
  const { action, onSubmit } = form;
  return (
    <DeleteContext value={{ action, onSubmit }}>
      <p role="status" className={words === '' ? undefined : 'pb-3'}>
        {words}
      </p>
      {children}
    </DeleteContext>
  );
}

export function DeleteMessage({ id }: { id: string }) {
  const deleting = use(DeleteContext);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const { current } = form;
    current?.addEventListener('formdata', addUnsentText);
    return () => current?.removeEventListener('formdata', addUnsentText);
  }, []);
  if (deleting === null) return null;
  return (
    <details className="-mb-3 text-small">
      <summary className="inline-flex min-h-11 cursor-pointer items-center text-soft hover:text-ink">
        Delete …
      </summary>
      <form ref={form} {...deleting} className="flex flex-wrap items-center gap-x-4 pb-2">
        <input type="hidden" name="id" value={id} />
        <p>It cannot be brought back.</p>
        <button
          type="submit"
          className="min-h-11 cursor-pointer rounded-control border border-edge px-4 font-semibold hover:bg-sheet"
        >
          Delete message
        </button>
      </form>
    </details>
  );
}

/** The new message that is not sent yet: deleting may lead to another page. */
function addUnsentText({ formData }: FormDataEvent): void {
  const written = document.querySelector<HTMLFormElement>('#new-message');
  for (const name of ['text', 'key', 'writer']) {
    const field = written?.elements.namedItem(name);
    if (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)
      formData.set(name, field.value);
  }
}
