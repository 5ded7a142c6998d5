import { callApi, requireSession } from 'strongroom';
import { z } from 'zod';

const contacts = z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) });

export default async function AccountPage() {
  const { user } = await requireSession('/account');
  const result = await callApi({ method: 'GET', path: ['contacts'] }, contacts);
  const people = result.kind === 'ok' ? result.value.items : [];
  return (
    <main>
      <h1>Hello {user.name}</h1>
      {result.kind === 'ok' ? null : <p>Your contacts are not available: {result.kind}.</p>}
      <ul>
        {people.map(({ id, name }) => (
          <li key={id}>{name}</li>
        ))}
      </ul>
      <form method="post" action="/auth/sign-out">
        <button type="submit">Sign out</button>
      </form>
    </main>
  );
}
