/**
 * A browser that binds sessions to its device: the whole of Chromium, its keys in software, as often as a test
 * likes, and trusting the certificate of the tests. What it did is read from its debugging protocol.
 * @see Chromium net/device_bound_sessions
 */
import { createHash, X509Certificate } from 'node:crypto';
import type { BrowserContext, LaunchOptions, Page } from '@playwright/test';
import config from '../../playwright.config.ts';
import { boundCookieShape } from './device-key.ts';
import { findWholeBrowser } from './find-browser.ts';
import { tls } from './tls-stack.ts';

const features =
  'DeviceBoundSessions:RefreshQuota/false,EnableBoundSessionCredentialsSoftwareKeysForManualTesting';

/** @param canBind false for a browser that has never heard of binding, as most have not */
export function launchOptions({ canBind = true } = {}): LaunchOptions {
  const executablePath = findWholeBrowser();
  const spki = new X509Certificate(tls.cert).publicKey.export({ type: 'spki', format: 'der' });
  const pin = createHash('sha256').update(spki).digest('base64');
  return {
    ...(executablePath === null ? { channel: 'chromium' } : { executablePath }),
    args: [
      ...(config.use?.launchOptions?.args ?? []),
      `--ignore-certificate-errors-spki-list=${pin}`,
      canBind ? `--enable-features=${features}` : '--disable-features=DeviceBoundSessions',
    ],
  };
}

/** What a browser did with its bindings, in order. */
export type Bindings = {
  registered: string[];
  renewed: string[];
  /** Renewals that failed, each with what the browser made of it. */
  failed: string[];
  /** Each with its reason: `ServerRequested`, `StoragePartitionCleared`, `RefreshFatalError`. */
  ended: string[];
  /** As after a hardware reset: the browser forgets its keys. */
  forget(): Promise<void>;
};

export async function watchBindings(page: Page): Promise<Bindings> {
  const protocol = await page.context().newCDPSession(page);
  const known = new Map<string, { site: string; id: string }>();
  const bindings: Bindings = { registered: [], renewed: [], failed: [], ended: [], forget };
  async function forget(): Promise<void> {
    for (const key of known.values()) await protocol.send('Network.deleteDeviceBoundSession', { key });
    // The response to a renewal that was under way may still bring a cookie.
    for (let trips = 0; trips < 5; trips += 1) {
      await forgetBoundCookie(page.context());
      await fetch(`${new URL(page.url()).origin}/healthz`);
    }
    await forgetBoundCookie(page.context());
  }
  protocol.on('Network.deviceBoundSessionsAdded', ({ sessions }) => {
    for (const { key } of sessions) known.set(key.id, key);
  });
  protocol.on('Network.deviceBoundSessionEventOccurred', (event) => {
    const { site, succeeded: isGood, sessionId: id = '' } = event;
    const {
      creationEventDetails: creation,
      refreshEventDetails: refresh,
      terminationEventDetails: end,
    } = event;
    if (creation && isGood) known.set(id, { site, id });
    if (creation) (isGood ? bindings.registered : bindings.failed).push(isGood ? id : creation.fetchResult);
    if (refresh) (isGood ? bindings.renewed : bindings.failed).push(isGood ? id : refresh.refreshResult);
    if (end) bindings.ended.push(end.deletionReason);
    if (end) known.delete(id);
  });
  await protocol.send('Network.enable');
  await protocol.send('Network.enableDeviceBoundSessions', { enable: true });
  return bindings;
}

/** As if its life were over: the next request has to wait for a renewal, and no test for a clock. */
export async function forgetBoundCookie(context: BrowserContext): Promise<void> {
  await context.clearCookies({ name: boundCookieShape });
}
