/**
 * What a page shows when the API did not give what was asked for: the one mapping of the results of
 * `callApi`.
 */
import type { ReactNode } from 'react';
import {
  type AuthenticationRequirement,
  type CallResult,
  describePermission,
  startSignInPath,
  stepUpPath,
  withBasePath,
} from 'strongroom';
import { ActionLink } from './action-link';
import { Notice } from './notice';

type FailedResult = Exclude<CallResult<unknown>, { kind: 'ok' }>;

type Outcome = {
  result: FailedResult;
  /** What was asked for, as its page is called. */
  resource: string;
  /** The address of this page, to come back to. */
  here: string;
};

export function ApiOutcome({ result, resource, here }: Outcome): ReactNode {
  switch (result.kind) {
    case 'insufficient_scope':
      return <PermissionNeeded scope={result.scope} here={here} />;
    case 'insufficient_user_authentication':
      return <StrongerSignIn requirement={result.requirement} here={here} />;
    case 'access_denied':
      return <Notice tone="bad" title="You don’t have access to this." />;
    case 'not_found':
      return <Notice tone="note" title="There is nothing here." />;
    case 'invalid':
      return (
        <Retry
          title={`${resource} could not handle this request.`}
          words="Nothing was changed."
          here={here}
        />
      );
    case 'rate_limited':
      return (
        <Retry
          title={`${resource} needs a short pause.`}
          words={sayPause(result.retryAfterSec)}
          here={here}
        />
      );
    case 'unavailable':
      return <Retry {...sayUnavailable(result, resource)} here={here} />;
  }
}

type Unavailable = Extract<FailedResult, { kind: 'unavailable' }>;

/** Who did not do their part, and what was kept. */
export function sayUnavailable(
  { problem, retryAfterSec }: Unavailable,
  resource: string,
): { title: string; words: string } {
  const kept = 'You are still signed in, and nothing was lost.';
  switch (problem) {
    case 'not_refreshed':
      return { title: 'The sign-in service did not renew your access.', words: kept };
    case 'token_rejected':
      return {
        title: `${resource} does not let you in right now.`,
        words: retryAfterSec === undefined ? kept : `${kept} Try again ${saySeconds(retryAfterSec)}.`,
      };
    case 'no_token':
      return { title: `${resource} is not available to you right now.`, words: kept };
    case undefined:
      return { title: `${resource} is not answering.`, words: kept };
  }
}

function saySeconds(seconds: number): string {
  return `in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
}

type Needed = {
  scope: string;
  here: string;
  /** What needs it, when it is not the whole page. */
  what?: string;
  children?: ReactNode;
};

export function PermissionNeeded({ scope, here, what = 'This', children }: Needed) {
  const { title, detail } = describePermission(scope);
  return (
    <Notice tone="note" title={`${what} needs the extra permission ‘${title}’.`}>
      <p className="text-soft">{detail}</p>
      {children}
      <p className="pt-2">
        <ActionLink href={startSignInPath({ returnTo: here, permission: scope })}>Grant ‘{title}’</ActionLink>
      </p>
    </Notice>
  );
}

async function StrongerSignIn({
  requirement,
  here,
}: {
  requirement: AuthenticationRequirement;
  here: string;
}) {
  const href = await stepUpPath({ returnTo: here, requirement });
  return (
    <Notice tone="note" title="This needs you to sign in again.">
      <p className="text-soft">{sayWhy(requirement)}</p>
      <p className="pt-2">
        <ActionLink href={href}>Sign in again to continue</ActionLink>
      </p>
    </Notice>
  );
}

function sayWhy({ maxAgeSec, acrValues }: AuthenticationRequirement): string {
  if (acrValues.length > 0) return 'It asks for a stronger way of signing in.';
  const minutes = Math.max(1, Math.floor((maxAgeSec ?? 0) / 60));
  return `It asks for a sign-in that is not older than ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`;
}

function Retry({ title, words, here }: { title: string; words: string; here: string }) {
  return (
    <Notice tone="bad" title={title}>
      <p>{words}</p>
      <p>
        <a href={withBasePath(here)} className="link inline-flex min-h-11 items-center">
          Try again
        </a>
      </p>
    </Notice>
  );
}

export function sayPause(retryAfterSec: number | null): string {
  if (retryAfterSec === null) return 'There were too many requests at once. Try again in a moment.';
  return `There were too many requests at once. Try again ${saySeconds(retryAfterSec)}.`;
}
