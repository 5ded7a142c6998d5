/**
 * Runs every check: those that need no other server first, then all others at the same time. A check that
 * hangs or fails costs its own line and no other.
 */
import 'server-only';
import { monotonicMs } from '../base/clock';
import { waitAtMost } from '../base/deadline';
import { setLogLevel } from '../base/log';
import { listAddresses } from './check-addresses';
import { checkApi } from './check-api';
import { checkAudience } from './check-audience';
import { checkAuditLog } from './check-audit-log';
import { checkClient } from './check-client';
import { checkClientMethods } from './check-client-methods';
import { checkConfiguration } from './check-configuration';
import { checkCookies } from './check-cookies';
import { checkDeviceBinding } from './check-device-binding';
import { checkDpop } from './check-dpop';
import { checkEndpoints } from './check-endpoints';
import { checkKeys } from './check-keys';
import { checkProtections } from './check-protections';
import { checkProvider } from './check-provider';
import { checkPublicAddress } from './check-public-address';
import { checkRedis } from './check-redis';
import { checkRequest } from './check-request';
import { checkServer } from './check-server';
import { type Bounds, type Check, type Context, createContext, type ServerCheck } from './context';
import { type Finding, findingsOf, hasErrors } from './finding';
import { removeSecrets } from './remove-secrets';

/** In the order of their lines; the variable is named when there is no result in time. */
const serverChecks: readonly [name: string, variable: string, check: ServerCheck][] = [
  ['client', 'AUTH_ISSUER', checkClientMethods],
  ['protections', 'AUTH_ISSUER', checkProtections],
  ['keys', 'AUTH_ISSUER', checkKeys],
  ['sign-in', 'AUTH_ISSUER', checkRequest],
  ['endpoints', 'AUTH_ISSUER', checkEndpoints],
  ['DPoP', 'AUTH_DPOP', checkDpop],
  ['audience', 'AUTH_AUDIENCE', checkAudience],
];
const otherChecks: readonly [name: string, variable: string, check: Check][] = [
  ['provider', 'AUTH_PROVIDER', checkProvider],
  ['register there', 'AUTH_URL', listAddresses],
  ['API', 'API_BASE_URL', checkApi],
  ['public address', 'AUTH_URL', checkPublicAddress],
  ['cookies', 'COOKIE_NAME', checkCookies],
  ['device binding', 'SESSION_BINDING', checkDeviceBinding],
  ['Redis', 'REDIS_URL', checkRedis],
  ['audit log', 'AUDIT_LOG', checkAuditLog],
];

/** Everything that can be known from inside. Never throws, and ends within `totalMs`. */
export async function examine(bounds: Bounds): Promise<Finding[]> {
  const configuration = checkConfiguration();
  if (hasErrors(configuration)) return configuration;
  setLogLevel('silent');
  const context = createContext(bounds);
  return removeSecrets([...configuration, ...(await runChecks(context, bounds))], context.config);
}

async function runChecks(context: Context, bounds: Bounds): Promise<Finding[]> {
  const endMs = monotonicMs() + bounds.totalMs;
  const inTime = (name: string, variable: string, work: () => Promise<Finding[]> | Finding[]) =>
    waitAtMost(Math.max(0, endMs - monotonicMs()), settle(name, work), [late(name, variable)]);

  const others = Promise.all(
    otherChecks.map(([name, variable, check]) => inTime(name, variable, () => check(context))),
  );
  const variable = context.config.issuerInternalUrl === null ? 'AUTH_ISSUER' : 'AUTH_ISSUER_INTERNAL_URL';
  const absent = { server: null, findings: [late('issuer', variable)] };
  const { server, findings } = await waitAtMost(bounds.totalMs, checkServer(context), absent);
  if (server === null) return [...findings, ...(await others).flat()];
  const client = await inTime('client', 'AUTH_ISSUER', () => checkClient(context, server));
  const known = { ...server, isClientAccepted: !hasErrors(client) };
  const ofServer = await Promise.all(
    serverChecks.map(([name, variable, check]) => inTime(name, variable, () => check(context, known))),
  );
  return [...findings, ...client, ...ofServer.flat(), ...(await others).flat()];
}

async function settle(name: string, work: () => Promise<Finding[]> | Finding[]): Promise<Finding[]> {
  try {
    return await work();
  } catch {
    return [findingsOf(name).warning('this check failed, which is a mistake of the doctor')];
  }
}

function late(name: string, variable: string): Finding {
  return findingsOf(name).error('no result in time', {
    variable,
    mend: 'a server hangs: try its address by hand',
  });
}
