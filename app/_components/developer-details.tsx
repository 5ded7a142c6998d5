/** For the developer who adopts this: the exact words of the protocol, one click away. Never a token, nor a part of one. */
import type { ReactNode } from 'react';
import type { Config } from '@/lib/strongroom/config/parse-config';
import type { Session } from '@/lib/strongroom/session/session';
import { type Fact, Facts } from './facts';

/** What the protocol did, without a token: computed before anything is handed to a component. */
export function listProtocolFacts(session: Session, config: Config): Fact[] {
  const { tokens, user, providerSessionId, authTimeSec, acr } = session;
  return [
    { name: 'issuer', value: user.issuer },
    { name: 'client_id', value: config.clientId },
    { name: 'audience', value: config.audience ?? 'not sent' },
    { name: 'sub', value: user.subject },
    { name: 'scope requested', value: config.scopes.join(' ') },
    { name: 'scope granted', value: tokens.scopes.join(' ') },
    { name: 'token_type', value: 'Bearer' },
    { name: 'access token obtained', value: <ExactTime atSec={tokens.obtainedAtSec} /> },
    { name: 'access token expires', value: <ExactTime atSec={tokens.expiresAtSec} /> },
    { name: 'refresh token present', value: sayYesNo(tokens.refreshToken !== null) },
    { name: 'ID token kept', value: sayYesNo(tokens.idToken !== null) },
    { name: 'auth_time', value: authTimeSec === null ? 'not said' : <ExactTime atSec={authTimeSec} /> },
    { name: 'acr', value: acr ?? 'not said' },
    { name: 'sid known', value: sayYesNo(providerSessionId !== null) },
    { name: 'API', value: config.apiBaseUrl },
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
          Authorization code grant with PKCE (S256), state, nonce and iss. The tokens are sealed in an
          HttpOnly cookie that only the server opens; none of them is in this page.
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
