'use client';
/**
 * The link that starts signing in. It keeps the section of the wanted page, and when the user has signed in
 * in another tab, it goes on to the page by itself.
 */
import { useEffect, useState } from 'react';
import { withBasePath } from 'strongroom/client';
import { ActionLink } from '@/app/_components/action-link';
import { watchForSignIn } from '@/app/_components/session-watch';
import { withFragment } from './with-fragment';

export function SignInLink({ href, returnTo }: { href: string; returnTo: string }) {
  const [fragment, setFragment] = useState('');
  useEffect(() => setFragment(window.location.hash), []);
  useEffect(() => {
    const page = withBasePath(returnTo);
    return watchForSignIn(() => window.location.replace(page + window.location.hash));
  }, [returnTo]);
  return <ActionLink href={withFragment(href, fragment)}>Sign in to continue</ActionLink>;
}
