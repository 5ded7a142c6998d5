/** Access: what this application may do for its reader, since when, and how to change it. */
import type { Metadata } from 'next';
import { DeveloperDetails, listProtocolFacts } from '@/app/_components/developer-details';
import { Facts } from '@/app/_components/facts';
import { validatePermissions } from '@/app/_components/granted-permissions';
import { PageHead } from '@/app/_components/page-frame';
import { PermissionList } from '@/app/_components/permission-list';
import { Section } from '@/app/_components/section';
import { sessionEndSec, startOf } from '@/app/_components/session-times';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { TimeAgo } from '@/app/_components/time-ago';
import { getConfig } from '@/lib/strongroom/config/config';
import type { TokenSet } from '@/lib/strongroom/session/session';
import { requireSession } from '@/lib/strongroom/sign-in/current-session';

export const metadata: Metadata = { title: 'Access' };

const here = '/dashboard/access';

export default async function AccessPage() {
  const session = await requireSession(here);
  const config = getConfig();
  const permissions = validatePermissions(config.scopes, session);
  const granted = permissions.filter(({ isGranted }) => isGranted).length;
  return (
    <SignedInFrame session={session} here={here}>
      <PageHead title="Access">
        {granted} of {permissions.length} permissions granted
      </PageHead>
      <Section title="What Strongroom may do for you">
        <PermissionList permissions={permissions} here={here} />
      </Section>
      <Section title="Since when, and until when">
        <Facts
          facts={[
            { name: 'Granted since', value: <TimeAgo at={startOf(session)} /> },
            { name: 'Access', value: <AccessEnd tokens={session.tokens} /> },
            { name: 'You are signed out', value: <TimeAgo at={sessionEndSec(session)} /> },
          ]}
        />
      </Section>
      <DeveloperDetails facts={listProtocolFacts(session, config)} />
    </SignedInFrame>
  );
}

function AccessEnd({ tokens }: { tokens: TokenSet }) {
  const isRenewed = tokens.refreshToken !== null;
  return (
    <>
      {isRenewed ? 'Renewed' : 'Ends'} <TimeAgo at={tokens.expiresAtSec} />
      {isRenewed ? ', without asking you' : ''}
    </>
  );
}
