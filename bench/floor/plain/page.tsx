/** The page without any sign-in, as Next's own documentation fetches data: what the others are compared with. */
import { People, type Row } from '../people';

export default async function PeoplePage() {
  const response = await fetch(`${process.env.API_BASE_URL}/people`, { cache: 'no-store' });
  const { items } = (await response.json()) as { items: Row[] };
  return <People people={items} />;
}
