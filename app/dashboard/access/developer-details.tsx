/**
 * For the developer who adopts this: the exact words of the protocol, one click away. Never a token, nor a
 * part of one.
 */
import type { ReactNode } from 'react';
import type { Protections, SessionView, Settings } from 'strongroom';
import { type Fact, Facts } from '@/app/_components/facts';

/** What the protocol did, in its own words. */
export function listProtocolFacts(
  session: SessionView,
  settings: Settings,
  protections: Protections | null,
): Fact[] {
  const { accessToken, user, authTimeSec, acr } = session;
  return [
    { name: 'issuer', value: user.issuer },
    { name: 'client_id', value: settings.clientId },
    { name: 'audience', value: settings.audience ?? 'not sent' },
    { name: 'sub', value: user.subject },
    { name: 'scope requested', value: settings.scopes.join(' ') },
    { name: 'scope granted', value: session.scopes.join(' ') },
    { name: 'token_type', value: accessToken.isBound ? 'DPoP (ES256)' : 'Bearer' },
    { name: 'access token obtained', value: <ExactTime atSec={accessToken.obtainedAtSec} /> },
    { name: 'access token expires', value: <ExactTime atSec={accessToken.expiresAtSec} /> },
    { name: 'refresh token present', value: sayYesNo(session.hasRefreshToken) },
    { name: 'ID token kept', value: sayYesNo(session.hasIdToken) },
    { name: 'auth_time', value: authTimeSec === null ? 'not stated' : <ExactTime atSec={authTimeSec} /> },
    { name: 'acr', value: acr ?? 'not stated' },
    { name: 'user pseudonym in the log', value: session.pseudonym },
    { name: 'sid known', value: sayYesNo(session.hasProviderSession) },
    { name: 'API', value: settings.apiBaseUrl },
    ...session.otherApis.flatMap(listApiFacts),
    ...(protections === null ? [] : listProtectionFacts(protections)),
  ];
}

function listApiFacts({ name, baseUrl, audience, expiresAtSec }: SessionView['otherApis'][number]): Fact[] {
  return [
    { name: `API ${name}`, value: baseUrl },
    { name: `audience of ${name}`, value: audience ?? 'not sent' },
    {
      name: `access token for ${name}`,
      value: expiresAtSec === null ? 'none yet' : <ExactTime atSec={expiresAtSec} />,
    },
  ];
}

/** Of a sign-in that begins now. */
function listProtectionFacts(protections: Protections): Fact[] {
  const { profile, clientAuthentication, isPushed, isSigned, isIssuerRequired, isBound } = protections;
  return [
    { name: 'security profile', value: profile },
    { name: 'client authentication', value: clientAuthentication },
    { name: 'code_challenge_method', value: 'S256' },
    { name: 'pushed request (PAR)', value: sayYesNo(isPushed) },
    { name: 'signed request (JAR)', value: sayYesNo(isSigned) },
    { name: 'iss required', value: sayYesNo(isIssuerRequired) },
    { name: 'DPoP for new sign-ins', value: sayYesNo(isBound) },
  ];
}

export function DeveloperDetails({ facts }: { facts: readonly Fact[] }) {
  return (
    <details className="mt-12 border-y border-rule">
      <summary className="cursor-pointer py-2.5 font-semibold marker:text-soft">
        For developers: what the protocol did
      </summary>
      <div className="pb-6">
        <p className="mb-4 max-w-prose text-soft">
          Authorization code grant with PKCE (S256), state and nonce. The tokens are sealed, in an HttpOnly
          cookie or in the server’s store, and only the server opens them; none is on this page.
        </p>
        <Facts isExact facts={facts} />
      </div>
    </details>
  );
}

function ExactTime({ atSec }: { atSec: number }): ReactNode {
  const text = new Date(atSec * 1000).toISOString().replace('.000Z', 'Z');
  return <time dateTime={text}>{text}</time>;
}

function sayYesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
