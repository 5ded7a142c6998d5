/**
 * Whether AUTH_URL leads here: through DNS, TLS and the proxies in front, with the host that users type, and
 * with room for our cookies.
 */
import 'server-only';
import { withBasePath } from '../base/base-path';
import { sendWhole } from '../base/http-client';
import { publicAddress } from '../config/public-address';
import { isLoopback } from '../config/web-address';
import { maxCookieChars } from '../session/cookies';
import type { Context } from './context';
import { type Finding, findingsOf } from './finding';
import { explainFailure } from './network-failure';

const { ok, warning, error } = findingsOf('public address');

export async function checkPublicAddress(context: Context): Promise<Finding[]> {
  const { appUrl } = context.config;
  const [own, redirected] = await Promise.all([checkOrigin(context), checkRedirectedHosts(context)]);
  const forwarding = findForwardingProblem(context, own.response);
  const isWell = own.findings.length + forwarding.length === 0;
  return [
    ...(isWell ? [ok(`${appUrl} leads to this application`)] : []),
    ...own.findings,
    ...forwarding,
    ...redirected,
  ];
}

type Tried = { response: Response | null; findings: Finding[] };

async function checkOrigin(context: Context): Promise<Tried> {
  const { appUrl } = context.config;
  try {
    const response = await ask(context, publicAddress('/healthz'));
    const isOurs = response.status === 200 && (await response.clone().text()) === '{"status":"ok"}';
    if (!isOurs) {
      const words = `${appUrl}/healthz is not this application (status ${response.status})`;
      return {
        response,
        findings: [
          error(words, {
            variable: 'AUTH_URL',
            mend: 'write the address under which users reach it, and check the proxy in front',
          }),
        ],
      };
    }
    const findings = [
      ...(await checkHost(context)),
      ...(await checkReady(context)),
      ...(await checkCookieRoom(context)),
    ];
    return { response, findings };
  } catch (failure) {
    // An egress proxy may know the servers of others only.
    if (context.config.egressProxyUrl !== null)
      return { response: null, findings: [ok(`${appUrl} does not respond through the egress proxy`)] };
    const { words, remedy } = explainFailure(failure, 'AUTH_URL', null);
    const more = 'it may not be started yet, or not be reachable from this machine';
    return {
      response: null,
      findings: [warning(`${appUrl} cannot be reached from here: ${words}; ${more}`, remedy)],
    };
  }
}

function ask(context: Context, url: URL, more: Record<string, string> = {}): Promise<Response> {
  const request = { method: 'GET', headers: new Headers({ accept: '*/*', ...more }), body: null };
  return sendWhole(url, request, { ...context.limits, redirects: 'pass' });
}

/** Health is served under any host; a page only under that of AUTH_URL. */
async function checkHost(context: Context): Promise<Finding[]> {
  const { status } = await ask(context, publicAddress(context.homePath));
  if (status !== 421) return [];
  return [
    error('the proxy in front passes on another Host than that of AUTH_URL (status 421)', {
      variable: 'AUTH_URL',
      mend: 'let the proxy pass on Host, or write AUTH_URL as it arrives',
    }),
  ];
}

/** The instance behind AUTH_URL may have another environment than this command. */
async function checkReady(context: Context): Promise<Finding[]> {
  const response = await ask(context, publicAddress('/readyz'));
  if (response.status === 200) return [];
  const words = (await response.text()).slice(0, 200).replace(/[^\w":,{} -]/g, '');
  return [
    warning(`the running application is not ready (status ${response.status}): ${words}`, {
      variable: 'AUTH_ISSUER',
      mend: 'compare its environment (AUTH_ISSUER, REDIS_URL) with this one',
    }),
  ];
}

/** All cookies together, with a draft of a form, come close to the 8 KB at which many proxies end a header. */
async function checkCookieRoom(context: Context): Promise<Finding[]> {
  const chars = maxCookieChars + maxDraftChars;
  const { status } = await ask(context, publicAddress('/healthz'), {
    cookie: `x=${'x'.repeat(chars - 2)}`,
  });
  if (status === 200) return [];
  return [
    warning(`a proxy in front rejects ${chars} characters of cookies (status ${status})`, {
      variable: 'AUTH_URL',
      mend: 'allow headers of 16 KB there, such as large_client_header_buffers 4 16k',
    }),
  ];
}

const maxDraftChars = 1_000;

/** From inside, the proxies in front show by what they add to responses, and by TLS, which ends at one of them. */
function findForwardingProblem({ config }: Context, response: Response | null): Finding[] {
  const { trustedProxyHops: trusted, isHttps, appOrigin } = config;
  const via = response?.headers.get('via')?.split(',').length ?? 0;
  const variable = 'TRUSTED_PROXY_HOPS';
  if (via > trusted)
    return [
      warning(
        `${via} proxies stand in front (Via), and ${trusted} are trusted: visitors may count as one client`,
        { variable, mend: `set it to ${via}` },
      ),
    ];
  if (isHttps && trusted === 0)
    return [
      warning(
        'AUTH_URL is https, which a proxy in front ends, and no proxy is trusted: all visitors count as one client',
        { variable, mend: 'set it to the number of proxies in front' },
      ),
    ];
  if (!isHttps && isLoopback(new URL(appOrigin)) && trusted > 0 && via === 0)
    return [
      warning('no proxy stands in front of localhost: visitors may choose their address', {
        variable,
        mend: 'set it to auto',
      }),
    ];
  return [];
}

async function checkRedirectedHosts(context: Context): Promise<Finding[]> {
  const { appOrigin, redirectedHosts } = context.config;
  const checks = redirectedHosts.slice(0, maxHosts).map(async (host) => {
    const url = new URL(`${new URL(appOrigin).protocol}//${host}${withBasePath(context.homePath)}`);
    const response = await ask(context, url).catch(() => null);
    const target = URL.parse(response?.headers.get('location') ?? '', url);
    if (target?.origin === appOrigin) return [];
    const words = `${host} does not lead to ${appOrigin}`;
    return [
      warning(words, {
        variable: 'REDIRECTED_HOSTS',
        mend: 'point its DNS and the proxy here, or remove it',
      }),
    ];
  });
  return (await Promise.all(checks)).flat();
}

const maxHosts = 5;
