'use client';
/**
 * Forgets what this browser has kept of forms: of one that was sent in another way, or of all after signing
 * out.
 */
import { useEffect } from 'react';
import { keptForms } from 'strongroom/client';

/** @param of one form of one user; all forms when left out */
export function ForgetKept({ of }: { of?: { owner: string; form: string } }) {
  const { owner, form } = of ?? {};
  useEffect(() => {
    if (owner === undefined || form === undefined) keptForms.forgetAll();
    else keptForms.forget({ owner, form });
  }, [owner, form]);
  return null;
}
