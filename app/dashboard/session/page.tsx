/** Session: how long the user stays signed in, and the way out. */
import type { Metadata } from 'next';
import { getSettings, requireSession } from 'strongroom';
import { Facts } from '@/app/_components/facts';
import { PageHead } from '@/app/_components/page-head';
import { Section } from '@/app/_components/section';
import { SignOutButton } from '@/app/_components/sign-out-button';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { TimeAgo } from '@/app/_components/time-ago';
import { sayDuration } from '@/app/_components/time-words';
import { nameOf } from '@/app/_components/user-name';
import { places, yourData } from '@/lib/places';
import { CopyTried, Device } from './device';
import { OtherSessions } from './other-sessions';

export const metadata: Metadata = { title: 'Session' };

const here = places.session;

export default async function SessionPage() {
  const session = await requireSession(here);
  const { sessionIdleSec } = getSettings();
  return (
    <SignedInFrame session={session} here={here}>
      <PageHead title="Session" />
      <Facts
        facts={[
          { name: 'Signed in as', value: nameOf(session.user) },
          { name: 'Signed in', value: <TimeAgo at={session.startedAtSec} /> },
          {
            name: 'You will be signed out',
            value: (
              <>
                <TimeAgo at={session.endsAtSec} />, or after {sayDuration(sessionIdleSec)} without using this
                site
              </>
            ),
          },
          { name: 'Device', value: <Device device={session.device} /> },
        ]}
      />
      <CopyTried device={session.device} />
      <div className="mt-8 max-w-prose space-y-4">
        <p>
          Signing out ends the session in this browser and at the sign-in service. {yourData} stay where they
          are.
        </p>
        <SignOutButton look="full" />
      </div>
      <Section title="Other browsers">
        <div className="max-w-prose space-y-4">
          <OtherSessions />
          <p>
            Signing out everywhere ends all of them at once, on every computer and phone, this browser
            included.
          </p>
          <SignOutButton look="full" isEverywhere />
        </div>
      </Section>
    </SignedInFrame>
  );
}
