/** The same page in the frame of the shipped pages. */
import { callApi, requireSession } from 'strongroom';
import { SignedInFrame } from '@/app/_components/signed-in-frame';
import { People } from '../people';
import { peopleSchema } from '../people-schema';

const here = '/dashboard/people';

export default async function PeoplePage() {
  const session = await requireSession(here);
  const result = await callApi({ method: 'GET', path: ['people'] }, peopleSchema);
  if (result.kind !== 'ok') throw new Error(result.kind);
  return (
    <SignedInFrame session={session} here={here}>
      <People people={result.value.items} />
    </SignedInFrame>
  );
}
