/** What protects the user's access, in their words: each row is a protection that is on. */
import type { Protections, SessionView } from 'strongroom';
import type { Fact } from '@/app/_components/facts';

const howTheAppProvesItself: Readonly<Record<Protections['clientAuthentication'], string | null>> = {
  client_secret_basic: 'Proves who it is with a secret',
  client_secret_basic_encoded: 'Proves who it is with a secret',
  client_secret_post: 'Proves who it is with a secret',
  client_secret_jwt: 'Proves who it is with a secret that is never sent',
  private_key_jwt: 'Proves who it is with a key that never leaves it',
  assertion_file: 'Proves who it is by where it runs',
  none: null,
};

/** @param protections null while the sign-in service is away: then only what is known of this session is told */
export function listProtections({ accessToken }: SessionView, protections: Protections | null): Fact[] {
  const kept = 'Sealed: only the server can open it';
  return [
    ...(protections === null ? [] : listOfSignIn(protections)),
    {
      name: 'Your access',
      value: accessToken.isBound ? `${kept}, and it works from this app alone` : kept,
    },
    ...(protections?.profile === 'fapi2'
      ? [{ name: 'Level', value: 'What open banking requires (FAPI 2.0)' }]
      : []),
  ];
}

function listOfSignIn(protections: Protections): Fact[] {
  const { clientAuthentication, isPushed, isSigned, isIssuerRequired } = protections;
  const proof = howTheAppProvesItself[clientAuthentication];
  return [
    {
      name: 'Signing in',
      value: `Only the browser that began it can finish it${isIssuerRequired ? ', and only your sign-in service can answer' : ''}`,
    },
    ...(isPushed || isSigned ? [{ name: 'What is asked for', value: describeRequest(protections) }] : []),
    ...(proof === null ? [] : [{ name: 'This app', value: proof }]),
  ];
}

function describeRequest({ isPushed, isSigned }: Protections): string {
  if (!isPushed) return 'Signed, so that nothing can change it on the way';
  return `Sent to the sign-in service directly, not through your browser${isSigned ? ', and signed' : ''}`;
}
