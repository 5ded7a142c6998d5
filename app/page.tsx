/** Home: what this is in one breath, and the way in. */
import { ActionLink } from '@/app/_components/action-link';
import { DemoAccounts } from '@/app/_components/demo-accounts';
import { VaultDoor } from '@/app/_components/logo';
import { PageFrame } from '@/app/_components/page-frame';
import { SignOutButton } from '@/app/_components/sign-out-button';
import { nameOf } from '@/app/_components/user-name';
import { getConfig } from '@/lib/strongroom/config/config';
import type { Session } from '@/lib/strongroom/session/session';
import { currentSession } from '@/lib/strongroom/sign-in/current-session';
import { startSignInPath } from '@/lib/strongroom/sign-in/paths';

export default async function HomePage() {
  const session = await currentSession();
  const { demoAccounts } = getConfig();
  return (
    <PageFrame banner={session === null ? null : <Banner />}>
      <div className="grid items-start gap-x-16 md:grid-cols-[1fr_20rem]">
        <div className="max-w-prose">
          <h1 className="text-title font-semibold tracking-tight text-balance">
            Your contacts and messages, behind one sign-in.
          </h1>
          <p className="mt-4 text-large text-soft text-pretty">
            Strongroom fetches them for you and keeps the keys on its server. Your browser never holds one.
          </p>
          {session === null ? <Welcome /> : <WelcomeBack session={session} />}
          {session === null && demoAccounts.length > 0 ? <DemoAccounts accounts={demoAccounts} /> : null}
        </div>
        <VaultDoor className="w-full text-edge max-md:hidden" />
      </div>
    </PageFrame>
  );
}

function Banner() {
  return (
    <div className="ml-auto text-small">
      <SignOutButton />
    </div>
  );
}

function Welcome() {
  return (
    <p className="mt-8">
      <ActionLink href={startSignInPath({ returnTo: '/dashboard' })}>Sign in</ActionLink>
    </p>
  );
}

function WelcomeBack({ session }: { session: Session }) {
  return (
    <div className="mt-8 space-y-4">
      <p>You are signed in as {nameOf(session.user)}.</p>
      <p>
        <ActionLink href="/dashboard">Go to your overview</ActionLink>
      </p>
    </div>
  );
}
