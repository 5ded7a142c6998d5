/**
 * Notices when TRUSTED_PROXY_HOPS does not fit the proxies in front: all visitors count as one client then,
 * or each chooses its address. A client can write these headers too, so this is a hint, given once.
 * @see RFC 7239
 */
import 'server-only';
import type { IncomingHttpHeaders } from 'node:http';
import { logWarning } from '../base/log';
import { processSingleton } from '../base/process-singleton';

/** Headers in which delivery networks write the address of the client. */
const clientHeaders = ['cf-connecting-ip', 'true-client-ip', 'fastly-client-ip', 'x-azure-clientip'];

const meanings = {
  too_low: 'all visitors may count as one client: set TRUSTED_PROXY_HOPS to the number of proxies in front',
  too_high: 'visitors may choose their address: set TRUSTED_PROXY_HOPS to the number of proxies in front',
} as const;

type ForwardingProblem = { header: string; is: keyof typeof meanings };

/** @param address the client address that was found with so many `hops` */
export function warnOnceOfForwarding(headers: IncomingHttpHeaders, hops: number, address: string): void {
  const said = processSingleton('forwarding-doubted', () => ({ isSaid: false }));
  const problem = said.isSaid ? null : findForwardingProblem(headers, hops, address);
  if (problem === null) return;
  said.isSaid = true;
  logWarning('forwarding_doubtful', { ...problem, hops, meaning: meanings[problem.is] });
}

/** Pure. */
export function findForwardingProblem(
  headers: IncomingHttpHeaders,
  hops: number,
  address: string,
): ForwardingProblem | null {
  const forwardedFor = headers['x-forwarded-for']?.toString();
  const entries = forwardedFor?.split(',').length ?? 0;
  if (entries > hops) return { header: 'x-forwarded-for', is: 'too_low' };
  const named = clientHeaders.find((name) => (headers[name] ?? address) !== address);
  if (named !== undefined) return { header: named, is: 'too_low' };
  // Only X-Forwarded-For is read.
  if (entries === 0 && headers.forwarded !== undefined) return { header: 'forwarded', is: 'too_low' };
  return entries > 0 && entries < hops ? { header: 'x-forwarded-for', is: 'too_high' } : null;
}
