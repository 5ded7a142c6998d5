'use client';
/**
 * For pages that users see only after signing out: tells the other tabs of the browser to check their
 * session.
 */
import { useEffect } from 'react';
import { announceSignOut } from './session-watch';

export function TellOtherTabs() {
  useEffect(announceSignOut, []);
  return null;
}
