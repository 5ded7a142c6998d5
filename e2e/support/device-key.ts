/** The key of a device, for a browser without a screen: registers and renews as Chromium does on the wire. */
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { HttpBrowser, Page } from './http-browser.ts';

/** Followed by what tells the sessions of a browser apart. */
export const boundCookieShape = /^__Host-strongroom-bound/;
const refreshPath = '/auth/device/refresh';
/** As the browser sends them itself, for no page. */
const headersOfBrowser = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'no-cors',
  'sec-fetch-dest': 'empty',
  accept: '*/*',
};

export class DeviceKey {
  readonly #keys = generateKeyPair('ES256', { extractable: true });
  readonly #origin: string;
  #id = '';
  /** Sent ahead with the response before: saves a round trip. */
  #challenge: string | null = null;
  #renewing: Promise<Page> | null = null;
  #lifetimeMs = 0;
  #endsAtMs = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** @param offer the value of `Secure-Session-Registration` */
  async register(browser: HttpBrowser, offer: string): Promise<Page> {
    const { publicKey } = await this.#keys;
    const path = /;\s*path="([^"]+)"/.exec(offer)?.[1] ?? '';
    const challenge = /;\s*challenge="([^"]+)"/.exec(offer)?.[1] ?? '';
    const response = await this.#sign(challenge, { jwk: await exportJWK(publicKey) });
    const page = await this.#post(browser, path, { 'secure-session-response': response });
    if (page.status === 200) this.#id = JSON.parse(page.html).session_identifier;
    return page;
  }

  async renew(browser: HttpBrowser): Promise<Page> {
    const id = { 'sec-secure-session-id': this.#id };
    if (this.#challenge === null) {
      const page = await this.#post(browser, refreshPath, id);
      if (this.#challenge === null) return page;
    }
    const response = await this.#sign(this.#challenge);
    this.#challenge = null;
    return this.#post(browser, refreshPath, { ...id, 'secure-session-response': response });
  }

  /** As a browser does before each request: waits when there is no bound cookie, and renews early beside it. */
  async keepFresh(browser: HttpBrowser): Promise<void> {
    const leftMs = this.#endsAtMs - Date.now();
    if (this.#id === '' || leftMs > this.#lifetimeMs / 2) return;
    this.#renewing ??= this.renew(browser).finally(() => {
      this.#renewing = null;
    });
    if (leftMs <= 0) await this.#renewing;
  }

  async #post(browser: HttpBrowser, path: string, headers: Record<string, string>): Promise<Page> {
    const options = { isEmptyPost: true, maxRedirects: 0, headers: { ...headersOfBrowser, ...headers } };
    const page = await browser.visit(this.#origin + path, options);
    this.#challenge = /^"([^"]+)"/.exec(page.headers.get('secure-session-challenge') ?? '')?.[1] ?? null;
    const [line = ''] = page.headers.getSetCookie().filter((one) => boundCookieShape.test(one));
    const maxAgeSec = Number(/max-age=(\d+)/i.exec(line)?.[1] ?? 0);
    if (maxAgeSec > 0) this.#lifetimeMs = maxAgeSec * 1_000;
    if (maxAgeSec > 0) this.#endsAtMs = Date.now() + this.#lifetimeMs;
    return page;
  }

  async #sign(jti: string, more: { jwk?: Awaited<ReturnType<typeof exportJWK>> } = {}): Promise<string> {
    const { privateKey } = await this.#keys;
    return new SignJWT({ jti })
      .setProtectedHeader({ alg: 'ES256', typ: 'dbsc+jwt', ...more })
      .sign(privateKey);
  }
}
