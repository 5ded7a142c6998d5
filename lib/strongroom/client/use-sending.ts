'use client';
/** Sends a form, one post at a time, until there is a response. */
import { useEffect, useRef, useState, useTransition } from 'react';
import { reloadIfOutdated } from './reload-once';
import { isSentByItself, type Reply, sendForm, whenDue } from './send-form';
import { type KeptFields, keyOf } from './use-kept-text';

/**
 * `form` is null when its text was changed since, or the page was loaded anew: then only the user sends it.
 */
type Unsent = { form: FormData | null; tries: number };

type Sending<State> = {
  text: KeptFields;
  post: (form: FormData) => Promise<State>;
  onResponse: (state: State) => void;
};

export function useSending<State extends object>({ text, post, onResponse }: Sending<State>) {
  const [unsent, setUnsent] = useState<Unsent | null>(null);
  const [isPending, startTransition] = useTransition();
  const isSending = useRef(false);

  const conclude = (reply: Reply<State>, form: FormData, tries: number): void => {
    if (reply.kind === 'no_response') {
      setUnsent({ form: isRepeatable(text, reply.isFailed) ? form : null, tries });
    } else {
      text.settle(keyOf(reply.state));
      setUnsent(null);
      onResponse(reply.state);
    }
  };

  const send = (form: FormData, tries = 0): void => {
    if (isSending.current) return;
    isSending.current = true;
    text.keep({ hasNoResponse: true });
    startTransition(async () => {
      try {
        const reply = await sendForm(() => post(form));
        if (reply.kind === 'no_response' && isLeavingFor(reply.error, text)) await new Promise(() => {});
        startTransition(() => conclude(reply, form, tries));
      } catch (error) {
        text.keep();
        throw error;
      } finally {
        isSending.current = false;
      }
    });
  };
  useSendingAgain(unsent, send);
  // What was changed is no longer what was sent.
  const leaveToUser = (): void => setUnsent((now) => now && { ...now, form: null });
  const show = (): void => setUnsent({ form: null, tries: 0 });
  return { isPending, unsent: describeUnsent(unsent), send, leaveToUser, show };
}

/** Without a key a repetition could not be told from a second wish. */
function isRepeatable({ key }: KeptFields, isFailed: boolean): boolean {
  return key !== '' && !isFailed;
}

/**
 * An action of an older build never runs: the page is loaded again, and sends what was typed from there.
 */
function isLeavingFor(error: unknown, text: KeptFields): boolean {
  const isKept = text.key === '' || text.keep({ hasNoResponse: true, isDue: true });
  const isLeaving = isKept && reloadIfOutdated(error);
  if (!isLeaving) text.keep({ hasNoResponse: true });
  return isLeaving;
}

/** Sends what got no response when it is due, by the `send` of the last rendering. */
function useSendingAgain(unsent: Unsent | null, send: (form: FormData, tries: number) => void): void {
  const latest = useRef(send);
  useEffect(() => {
    latest.current = send;
  });
  useEffect(() => {
    if (unsent === null || unsent.form === null) return;
    const { form, tries } = unsent;
    return whenDue(tries, () => latest.current(form, tries + 1));
  }, [unsent]);
}

function describeUnsent(unsent: Unsent | null): 'sent_by_itself' | 'sent_by_hand' | null {
  if (unsent === null) return null;
  return unsent.form !== null && isSentByItself(unsent.tries) ? 'sent_by_itself' : 'sent_by_hand';
}
