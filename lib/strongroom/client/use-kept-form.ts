'use client';
/**
 * A form that loses nothing: what is typed into it is kept as it is typed, and a post that gets no response
 * stays in the form and is sent again with its idempotency key. Without JavaScript it is the plain form of
 * its action.
 */
import { type FormEvent, type RefObject, useActionState, useEffect, useRef, useState } from 'react';
import type { KeptName } from './kept-forms';
import { type FormRef, type KeptFields, keyOf, useKeptText } from './use-kept-text';
import { useSending } from './use-sending';

type Options<State> = KeptName & {
  action: (previous: State, form: FormData) => Promise<State>;
  initial: State;
};

export type KeptForm<State> = {
  /** The last result of the action. */
  state: State;
  /** For the hidden field `key`: it stays while the same text is sent again. */
  key: string;
  isPending: boolean;
  /** The last post got no response: it is sent again by itself, or when the user sends it. */
  unsent: 'sent_by_itself' | 'sent_by_hand' | null;
  /** What is in the fields was kept in this browser. */
  isRestored: boolean;
  /** For the form element. */
  form: {
    ref: FormRef;
    action: (form: FormData) => void;
    onSubmit: (event: FormEvent<HTMLFormElement>) => void;
    onInput: () => void;
  };
};

/** React awaits the type of the state, which leaves one that is no promise as it is. */
const useResult = useActionState as <State>(
  action: (previous: State, form: FormData) => Promise<State>,
  initial: State,
) => [state: State, submit: (form: FormData) => void, isPending: boolean];

/**
 * The state of a form whose action is made by `userAction`. With a `key` in the state, the idempotency key of
 * what is written, the fields are kept and a post is repeated; the action returns another key when it is
 * done.
 * @example
 * const { state, key, form, unsent } = useKeptForm({
 *   action: createInvoiceAction, initial, owner: pseudonym, form: 'new-invoice',
 * });
 * return (
 *   <form {...form}>
 *     <input type="hidden" name="key" value={key} />
 *     {unsent === null ? null : <p role="status">Not sent yet.</p>}
 */
export function useKeptForm<State extends object>(options: Options<State>): KeptForm<State> {
  const { action, initial } = options;
  const [served, formAction] = useResult(action, initial);
  const [received, setReceived] = useState<State | null>(null);
  const state = received ?? served;
  const ref: FormRef = useRef(null);
  const text = useKeptText(options, ref, keyOf(state));
  const post = (form: FormData): Promise<State> => action(state, form);
  const sending = useSending<State>({ text, post, onResponse: setReceived });
  const isFilling = useFilling(text);
  const { key, restored } = text;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the fields are filled again
  useEffect(() => {
    if (restored === null || ref.current === null) return;
    if (restored.isDue) sending.send(new FormData(ref.current));
    else if (restored.hasNoResponse) sending.show();
  }, [restored]);

  const onInput = (): void => {
    if (isFilling.current) return;
    text.keep();
    sending.leaveToUser();
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    sending.send(new FormData(event.currentTarget, submitterOf(event)));
  };
  const { isPending, unsent } = sending;
  const isRestored = restored !== null && Object.values(restored.fields).some((value) => value.trim() !== '');
  return { state, key, isPending, unsent, isRestored, form: { ref, action: formAction, onSubmit, onInput } };
}

/**
 * Fills the fields with what was kept, once, when the page is there.
 * @returns whether it is filling them right now, so that their events are no typing
 */
function useFilling(text: KeptFields): RefObject<boolean> {
  const isFilling = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page is there
  useEffect(() => {
    // While effects run, React puts the old value back into a field that it controls.
    queueMicrotask(() => {
      isFilling.current = true;
      text.restore();
      isFilling.current = false;
    });
  }, []);
  return isFilling;
}

/** The button, whose name and value go along. */
function submitterOf({ nativeEvent }: FormEvent): HTMLElement | null {
  return nativeEvent instanceof SubmitEvent ? nativeEvent.submitter : null;
}
