'use client';
/** Forgets what this browser has kept of a form whose text was sent in another way. */
import { useEffect } from 'react';
import { forgetKeptForm } from 'strongroom/client';

export function ForgetKept({ owner, form }: { owner: string; form: string }) {
  useEffect(() => forgetKeptForm({ owner, form }), [owner, form]);
  return null;
}
