/**
 * What the server guard sends when it rejects a request: the adopter's page for users, a problem document for
 * software, and the headers of both. Pure.
 */
import { fixedHeaders, privateCacheControl } from '../base/security-headers';

export const rejectionStatuses = [400, 405, 408, 409, 411, 413, 414, 417, 421, 429, 431] as const;

export type RejectionStatus = (typeof rejectionStatuses)[number];

export type Rejection = {
  status: RejectionStatus;
  /** Stands in the log too. */
  reference: string;
  /** The application's own address, for the way home. */
  appUrl: string;
};

/**
 * The adopter's page for a rejected request: no page of the application runs, so it must be complete by
 * itself.
 */
export type RejectionPage = {
  /**
   * The page's only style sheet: the policy of the response allows this text, by its hash, and nothing else.
   */
  style: string;
  /** @returns the HTML document, with `style` in a `<style>` element */
  render: (rejection: Rejection) => string;
};

/** Software calls these addresses, and has no use for a page. */
const softwareTarget = /^\/(api\/|healthz|readyz|\.well-known\/|auth\/(status|back-channel-logout|device\/))/;

export function isForSoftware(target: string): boolean {
  return softwareTarget.test(target);
}

/** The codes that the API gateway uses for the same statuses. */
const problemCodes: Readonly<Partial<Record<RejectionStatus, string>>> = {
  400: 'invalid_request',
  405: 'method_not_allowed',
  413: 'body_too_large',
  429: 'rate_limited',
};

/** @param title the phrase of the status, which belongs to the type `about:blank`. @see RFC 9457 §4.2.1 */
export function rejectionProblem({ status, reference }: Rejection, title: string): string {
  const code = problemCodes[status] ?? 'request_rejected';
  return JSON.stringify({ type: 'about:blank', title, code, status, reference });
}

type Body = { strictTransportSecurity: string | null; isJson: boolean; styleHash: string };

export function rejectionHeaders({
  strictTransportSecurity,
  isJson,
  styleHash,
}: Body): Record<string, string> {
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return {
    'Content-Type': isJson ? 'application/problem+json; charset=utf-8' : 'text/html; charset=utf-8',
    'Content-Security-Policy': isJson ? `${policy}; sandbox` : policy,
    'Cache-Control': privateCacheControl,
    Vary: 'Cookie',
    // A rejected address may carry a code, as one below /auth does: it is sent to no other page as the
    // referrer.
    ...fixedHeaders({ strictTransportSecurity, path: '/auth/' }),
  };
}
