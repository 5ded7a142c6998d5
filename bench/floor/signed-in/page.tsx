/** The same page for a signed-in user. */
import { callApi, requireSession } from 'strongroom';
import { People } from '../people';
import { peopleSchema } from '../people-schema';

export default async function PeoplePage() {
  await requireSession('/dashboard/people');
  const result = await callApi({ method: 'GET', path: ['people'] }, peopleSchema);
  if (result.kind !== 'ok') throw new Error(result.kind);
  return <People people={result.value.items} />;
}
