'use client';
/** Writes a message. Works without JavaScript; nothing typed is lost, whatever the result is. */
import { Field } from '@base-ui/react/field';
import { useEffect, useRef, useState } from 'react';
import { type KeptForm, useKeptForm } from 'strongroom/client';
import { Shape } from '@/app/_components/notice';
import { SubmitButton } from '@/app/_components/submit-button';
import { postMessageAction } from './actions';
import { messageFormName, type PostOutcome, type PostState } from './post-state';
import { sayRestored, sayUnsent } from './unsent-words';

type Form = {
  initial: PostState;
  maxChars: number;
};

export function MessageForm({ initial, maxChars }: Form) {
  const kept = useKeptForm({
    action: postMessageAction,
    initial,
    owner: initial.writer,
    form: messageFormName,
  });
  const { state, key, isPending, form } = kept;
  const { writer } = state;
  const { field, text, setText } = useText(state);
  const known = chooseOutcome(kept);
  const isMended = known?.isAboutText === true && text !== state.text && text.length <= maxChars;
  const outcome = isMended ? null : known;
  const isAboutText = outcome?.isAboutText === true;
  return (
    <form id="new-message" {...form} className="max-w-prose">
      <input type="hidden" name="key" value={key} />
      <input type="hidden" name="writer" value={writer} />
      <Field.Root name="text" invalid={isAboutText}>
        <Field.Label className="mb-1 block font-semibold">New message</Field.Label>
        <Field.Control
          ref={field}
          value={text}
          onValueChange={setText}
          readOnly={isPending}
          aria-invalid={isAboutText || undefined}
          aria-describedby="message-limit message-outcome"
          render={<textarea rows={4} />}
          className="block w-full resize-y rounded-control border border-edge bg-paper px-3 py-2 aria-invalid:border-bad"
        />
      </Field.Root>
      <div className="mt-3 flex flex-wrap items-start gap-x-6 gap-y-2">
        <SubmitButton label="Post message" pendingLabel="Posting" />
        <p id="message-limit" className="py-2.5 text-small text-soft">
          At most {maxChars.toLocaleString('en')} characters
        </p>
      </div>
      <div id="message-outcome" role="status" className="mt-2 min-h-11">
        {outcome === null ? null : <Outcome outcome={outcome} />}
      </div>
    </form>
  );
}

/** The text in the field: what the last result left of it, and what is typed since. */
function useText(state: PostState) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(state.text);
  const [shown, setShown] = useState(state);
  if (shown !== state) {
    setShown(state);
    setText(state.text);
  }
  // Typed before the scripts were there.
  useEffect(() => {
    if (field.current !== null) setText(field.current.value);
  }, []);
  return { field, text, setText };
}

/** What is known of the last post, and else where the text comes from. */
function chooseOutcome({ state, unsent, isRestored }: KeptForm<PostState>): PostOutcome | null {
  if (unsent !== null) return { tone: 'bad', words: sayUnsent(unsent) };
  return isRestored ? sayRestored : state.outcome;
}

function Outcome({ outcome: { tone, words, grant } }: { outcome: PostOutcome }) {
  return (
    <div className="flex gap-2 py-2">
      <Shape tone={tone} />
      <div className="min-w-0">
        <p>{words}</p>
        {grant === undefined ? null : (
          <a href={grant.href} className="link inline-flex min-h-11 items-center font-semibold">
            {grant.label}
          </a>
        )}
      </div>
    </div>
  );
}
