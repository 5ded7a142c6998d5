/** The accounts of the demo, for trying. Configured on loopback only. */

export function DemoAccounts({ accounts }: { accounts: readonly { email: string; password: string }[] }) {
  const head = 'py-2 pr-4 text-left text-small font-normal text-soft';
  return (
    <table className="mt-12 w-full border-b border-rule">
      <caption className="rule-double pb-2 text-left font-semibold">Demo accounts</caption>
      <thead>
        <tr>
          <th scope="col" className={head}>
            E-mail
          </th>
          <th scope="col" className={head}>
            Password
          </th>
        </tr>
      </thead>
      <tbody>
        {accounts.map(({ email, password }) => (
          <tr key={email} className="border-t border-rule">
            <td className="py-2 pr-4 break-words">
              {email.split('@')[0]}
              <wbr />@{email.split('@')[1]}
            </td>
            <td className="py-2 font-mono text-small break-words">{password}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
