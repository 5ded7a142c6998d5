/** Whether browsers can bind their sessions here, and whether they can keep up with the renewals. */
import 'server-only';
import type { Context } from './context';
import { type Finding, findingsOf } from './finding';

const { ok, warning } = findingsOf('device binding');

/** Chromium signs six times in nine minutes for one site, and renews when less than this is left. */
const shortestSec = 120;

export function checkDeviceBinding({ config }: Context): Finding[] {
  const { sessionBinding, bindingLifetimeSec, isHttps } = config;
  if (sessionBinding === 'off') return [ok('off: a copied session cookie is a session, while it lasts')];
  if (!isHttps) return [ok('none over http: browsers bind sessions over https alone')];
  if (bindingLifetimeSec < shortestSec)
    return [
      warning(`browsers do not sign as often as ${bindingLifetimeSec} s want: users would be signed out`, {
        variable: 'SESSION_BINDING_LIFETIME',
        mend: `set ${shortestSec} or more; 300 is the default`,
      }),
    ];
  const who =
    sessionBinding === 'require'
      ? 'every browser must bind its session'
      : 'browsers that can bind their session';
  return [ok(`${who}, and prove its key every ${bindingLifetimeSec} s`)];
}
