/** What each application of `npm run bench:page` renders from the response of the API: a table of 50 rows. */
export type Row = {
  id: string;
  name: string;
  company: string;
  role: string;
  email: string;
  city: string;
};

export function People({ people }: { people: readonly Row[] }) {
  return (
    <main>
      <h1>People</h1>
      <p>{people.length} people</p>
      <table>
        <thead>
          <tr>
            {['Name', 'Company', 'Role', 'E-mail', 'City'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {people.map(({ id, name, company, role, email, city }) => (
            <tr key={id}>
              <th scope="row">{name}</th>
              <td>{company}</td>
              <td>{role}</td>
              <td>
                <a href={`mailto:${email}`}>{email}</a>
              </td>
              <td>{city}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </main>
  );
}
