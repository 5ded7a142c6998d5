'use client';
/** On a page that somebody sees only when their session is over: the other tabs of the browser look for themselves. */
import { useEffect } from 'react';
import { announceSignOut } from './session-watch';

export function TellOtherTabs() {
  useEffect(announceSignOut, []);
  return null;
}
