/** Confirm: one action that waits for the user to sign in again, or its result. */
import type { Metadata } from 'next';
import { type PendingActionView, pendingActions, requireSession, withBasePath } from 'strongroom';
import { ActionLink } from '@/app/_components/action-link';
import { PageHead } from '@/app/_components/page-head';
import { PageLink } from '@/app/_components/page-link';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { SubmitButton } from '@/app/_components/submit-button';
import { messageFormName } from '@/app/dashboard/messages/post-state';
import type { PendingActionName } from '@/lib/declaration';
import { places } from '@/lib/places';
import { tryAgainAction } from './actions';
import { describeConfirmation, homeOf } from './confirm-words';
import { ForgetKept } from './forget-kept';

export const metadata: Metadata = { title: 'Confirm' };

const here = places.confirm;

export default async function ConfirmPage() {
  const session = await requireSession(here);
  const pending = await pendingActions.read<PendingActionName>();
  return (
    <SignedInFrame session={session} here={here}>
      {pending === null ? <NothingWaits /> : <Confirmation pending={pending} owner={session.pseudonym} />}
    </SignedInFrame>
  );
}

type Pending = PendingActionView<PendingActionName>;

function NothingWaits() {
  return (
    <>
      <PageHead title="Nothing waits for you here" />
      <p className="max-w-prose">
        What you wanted was done, or it waited too long. Nothing else was changed.
      </p>
      <WayBack path={places.overview} name="the Overview" />
    </>
  );
}

function Confirmation({ pending, owner }: { pending: Pending; owner: string }) {
  const { title, words } = describeConfirmation(pending);
  const { path, name } = homeOf[pending.name];
  const isDownload = pending.name === 'export_contacts' && pending.state === 'done';
  const isPosted = pending.name === 'post_message' && pending.state === 'done';
  return (
    <>
      {isPosted ? <ForgetKept owner={owner} form={messageFormName} /> : null}
      {isDownload ? (
        <meta httpEquiv="refresh" content={`0; url=${withBasePath(places.contactsExport)}`} />
      ) : null}
      <PageHead title={title} />
      <p className="max-w-prose">{words}</p>
      <NextStep pending={pending} />
      <WayBack path={path} name={name} />
    </>
  );
}

async function NextStep({ pending }: { pending: Pending }) {
  const { action } = describeConfirmation(pending);
  if (action === '') return null;
  const signInPath = await pending.signInPath(here);
  if (signInPath !== null)
    return (
      <p className="mt-8">
        <ActionLink href={signInPath}>{action}</ActionLink>
      </p>
    );
  if (pending.name === 'export_contacts')
    return (
      <p className="mt-8">
        <ActionLink href={withBasePath(places.contactsExport)}>{action}</ActionLink>
      </p>
    );
  return (
    <form action={tryAgainAction} className="mt-8">
      <input type="hidden" name="id" value={pending.id} />
      <SubmitButton label={action} pendingLabel="Trying again" />
    </form>
  );
}

function WayBack({ path, name }: { path: string; name: string }) {
  return (
    <p className="mt-4">
      <PageLink href={path} className="link inline-flex min-h-11 items-center">
        Back to {name}
      </PageLink>
    </p>
  );
}
