'use server';
/** Tries a pending action again that met an API which was not available. */
import { redirect } from 'next/navigation';
import { pendingActions, userAction } from 'strongroom';
import { places } from '@/lib/places';
import { pendingActionRunners } from './pending-action-runners';

export const tryAgainAction = userAction<void>(
  { returnTo: places.confirm, rejected: () => redirect(places.confirm) },
  async ({ field }) => {
    await pendingActions.run(field('id'), pendingActionRunners);
    redirect(places.confirm);
  },
);
