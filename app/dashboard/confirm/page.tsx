/** Confirm: one action that waits for its reader to sign in again, or what came of it. */
import type { Metadata } from 'next';
import Link from 'next/link';
import { ActionLink } from '@/app/_components/action-link';
import { PageHead } from '@/app/_components/page-frame';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { SubmitButton } from '@/app/_components/submit-button';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import { type PendingAction, readPendingAction } from '@/lib/strongroom/session/pending-action';
import { sealStepUp } from '@/lib/strongroom/session/step-up';
import { pseudonymOf } from '@/lib/strongroom/session/user-pseudonym';
import { requireSession } from '@/lib/strongroom/sign-in/current-session';
import { startSignInPath } from '@/lib/strongroom/sign-in/paths';
import { tryAgainAction } from './actions';
import { describeConfirmation, homeOf } from './confirm-words';
import { type ConfirmableAction, readConfirmableAction } from './confirmable-action';
import { confirmPath } from './wait-for-step-up';

export const metadata: Metadata = { title: 'Confirm' };

const exportPath = '/dashboard/contacts/export';

export default async function ConfirmPage() {
  const session = await requireSession(confirmPath);
  const pending = await readPendingAction(await requestCookies(), pseudonymOf(session.user));
  const action = pending === null ? null : readConfirmableAction(pending.action);
  return (
    <SignedInFrame session={session} here={confirmPath}>
      {pending === null || action === null ? (
        <NothingWaits />
      ) : (
        <Confirmation pending={pending} name={action.name} />
      )}
    </SignedInFrame>
  );
}

function NothingWaits() {
  return (
    <>
      <PageHead title="Nothing waits for you here" />
      <p className="max-w-prose">
        What you wanted was done, or it waited too long. Nothing else was changed.
      </p>
      <WayBack path="/dashboard" name="Overview" />
    </>
  );
}

type Confirmable = { pending: PendingAction; name: ConfirmableAction['name'] };

function Confirmation({ pending, name }: Confirmable) {
  const { title, words } = describeConfirmation(name, pending.state);
  const home = homeOf[name];
  const isDownload = name === 'export_contacts' && pending.state === 'done';
  return (
    <>
      {isDownload ? <meta httpEquiv="refresh" content={`0; url=${exportPath}`} /> : null}
      <PageHead title={title} />
      <p className="max-w-prose">{words}</p>
      <NextStep pending={pending} name={name} />
      <WayBack path={home.path} name={home.name} />
    </>
  );
}

async function NextStep({ pending, name }: Confirmable) {
  const { id, owner, requirement, state } = pending;
  const { action } = describeConfirmation(name, state);
  if (action === '') return null;
  if (state === 'waiting' && requirement !== null) {
    const stepUp = await sealStepUp({ owner, requirement, pendingId: id });
    return (
      <p className="mt-8">
        <ActionLink href={startSignInPath({ returnTo: confirmPath, stepUp })}>{action}</ActionLink>
      </p>
    );
  }
  if (name === 'export_contacts')
    return (
      <p className="mt-8">
        <ActionLink href={exportPath}>{action}</ActionLink>
      </p>
    );
  return (
    <form action={tryAgainAction} className="mt-8">
      <input type="hidden" name="id" value={id} />
      <SubmitButton label={action} pendingLabel="Trying again" />
    </form>
  );
}

function WayBack({ path, name }: { path: string; name: string }) {
  return (
    <p className="mt-4">
      <Link href={path} prefetch={false} className="link inline-flex min-h-11 items-center">
        Back to {name}
      </Link>
    </p>
  );
}
