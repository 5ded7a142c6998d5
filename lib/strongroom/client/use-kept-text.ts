'use client';
/** Keeps the fields of a form as they are typed, and types them again when the page is loaded anew. */
import { type RefObject, useState } from 'react';
import { fillFields, hasTyped, readFields } from './form-fields';
import { forgetKeptForm, type KeptName, type KeptText, readKeptText, writeKeptText } from './kept-forms';

export type FormRef = RefObject<HTMLFormElement | null>;

export type KeptFields = {
  /** The idempotency key of what is in the fields; '' for a form that has none, of which nothing is kept. */
  key: string;
  /** What was kept in this browser and is in the fields again, until the action has responded. */
  restored: KeptText | null;
  /** Keeps what is in the fields now. @returns false when the browser does not */
  keep: (sent?: { hasNoResponse: boolean; isDue?: boolean }) => boolean;
  /** Fills the fields with what was kept, unless something newer is there. */
  restore: () => void;
  /** To be called with the key that the action returned: another one says that it is done. */
  settle: (nextKey: string) => void;
};

function isSame(fields: KeptText['fields'], kept: KeptText['fields']): boolean {
  return Object.entries(kept).every(([name, value]) => fields[name] === value);
}

/** '' for a form whose action names none. */
export function keyOf(state: object): string {
  return 'key' in state && typeof state.key === 'string' ? state.key : '';
}

/** @param stateKey the key in the last result of the action */
export function useKeptText({ owner, form }: KeptName, ref: FormRef, stateKey: string): KeptFields {
  // What one user has typed stays theirs, whoever signs in meanwhile.
  const [name] = useState<KeptName>({ owner, form });
  const [taken, setTaken] = useState<{ kept: KeptText; insteadOf: string } | null>(null);
  const restored = taken?.insteadOf === stateKey ? taken.kept : null;
  const key = restored?.key ?? stateKey;

  const keep: KeptFields['keep'] = (sent = { hasNoResponse: false }) =>
    key !== '' &&
    ref.current !== null &&
    writeKeptText(name, { key, fields: readFields(ref.current), isDue: false, ...sent });

  const restore = (): void => {
    if (ref.current === null || stateKey === '') return;
    const kept = readKeptText(name);
    // Typed before the scripts of the page were there. Some browsers fill the fields again by themselves.
    const isKept = kept !== null && isSame(readFields(ref.current), kept.fields);
    if (hasTyped(ref.current) && !isKept) keep();
    else if (kept !== null) {
      fillFields(ref.current, kept.fields);
      writeKeptText(name, { ...kept, isDue: false });
      setTaken({ kept, insteadOf: stateKey });
    }
  };

  const settle = (nextKey: string): void => {
    if (nextKey === key) keep();
    else if (readKeptText(name)?.key === key) forgetKeptForm(name);
  };
  return { key, restored, keep, restore, settle };
}
