'use client';
/** On a page that users see only when their session has ended: the other tabs of the browser check for themselves. */
import { useEffect } from 'react';
import { announceEnding } from './session-ending';

export function TellOtherTabs() {
  useEffect(announceEnding, []);
  return null;
}
