/** Access: what this application may do for the user, since when, and how to change it. */
import type { Metadata } from 'next';
import { getSettings, requireSession, type SessionView } from 'strongroom';
import { Facts } from '@/app/_components/facts';
import { nowSec } from '@/app/_components/now-sec';
import { PageHead } from '@/app/_components/page-head';
import { Section } from '@/app/_components/section';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { TimeAgo } from '@/app/_components/time-ago';
import { places, productName } from '@/lib/places';
import { DeveloperDetails, listProtocolFacts } from './developer-details';
import { PermissionList } from './permission-list';
import { listProtections } from './protections';

export const metadata: Metadata = { title: 'Access' };

const here = places.access;

export default async function AccessPage() {
  const session = await requireSession(here);
  const { permissions } = session;
  const settings = getSettings();
  const protections = await settings.readProtections();
  const granted = permissions.filter(({ isGranted, isAssumed }) => isGranted && !isAssumed).length;
  const unknown = permissions.filter(({ isAssumed }) => isAssumed).length;
  return (
    <SignedInFrame session={session} here={here}>
      <PageHead title="Access">
        {granted} of {permissions.length} permissions granted
        {unknown === 0 ? null : `, ${unknown} not known yet`}
      </PageHead>
      <Section title={`What ${productName} may do for you`}>
        <PermissionList permissions={permissions} here={here} />
      </Section>
      <Section title="Since when, and until when">
        <Facts
          facts={[
            { name: 'Granted since', value: <TimeAgo at={session.startedAtSec} /> },
            { name: 'Access', value: <AccessEnd session={session} /> },
            { name: 'You will be signed out', value: <TimeAgo at={session.endsAtSec} /> },
          ]}
        />
      </Section>
      <Section title="How it is protected">
        <Facts facts={listProtections(session, protections)} />
      </Section>
      <DeveloperDetails facts={listProtocolFacts(session, settings, protections)} />
    </SignedInFrame>
  );
}

function AccessEnd({ session }: { session: SessionView }) {
  const { expiresAtSec } = session.accessToken;
  const isRenewed = session.hasRefreshToken;
  // As while the sign-in service is away.
  const isDue = isRenewed && expiresAtSec <= nowSec();
  return (
    <>
      {isRenewed ? 'Renewed' : 'Ends'} {isDue ? 'when it is next needed' : <TimeAgo at={expiresAtSec} />}
      {isRenewed ? ', without asking you' : ''}
    </>
  );
}
