/** Home: what this is in one breath, and the way in. */
import { currentSession, getSettings, type SessionView, startSignInPath, withBasePath } from 'strongroom';
import { ActionLink } from '@/app/_components/action-link';
import { LogoDrawing } from '@/app/_components/logo';
import { PageFrame } from '@/app/_components/page-frame';
import { SignOutButton } from '@/app/_components/sign-out-button';
import { nameOf } from '@/app/_components/user-name';
import { places, productName, yourData } from '@/lib/places';
import { DemoAccounts } from './demo-accounts';

export default async function HomePage() {
  const session = await currentSession();
  const { demoAccounts } = getSettings();
  return (
    <PageFrame banner={session === null ? null : <Banner />}>
      <div className="grid items-start gap-x-16 md:grid-cols-[1fr_20rem]">
        <div className="max-w-prose">
          <h1 className="text-title font-semibold tracking-tight text-balance">
            {yourData}, behind one sign-in.
          </h1>
          <p className="mt-4 text-large text-soft text-pretty">
            {productName} fetches them for you and keeps the keys on its server. Your browser never holds one.
          </p>
          {session === null ? <Welcome /> : <WelcomeBack session={session} />}
          {session === null && demoAccounts.length > 0 ? <DemoAccounts accounts={demoAccounts} /> : null}
        </div>
        <LogoDrawing className="w-full text-edge max-md:hidden" />
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
      <ActionLink href={startSignInPath({ returnTo: places.overview })}>Sign in</ActionLink>
    </p>
  );
}

function WelcomeBack({ session }: { session: SessionView }) {
  return (
    <div className="mt-8 space-y-4">
      <p>You are signed in as {nameOf(session.user)}.</p>
      <p>
        <ActionLink href={withBasePath(places.overview)}>Go to your overview</ActionLink>
      </p>
    </div>
  );
}
