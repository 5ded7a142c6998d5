/**
 * What a hostile page does in the browser of its visitor. Functions that run in the page take and return
 * plain values.
 */
import type { Page } from '@playwright/test';

type Form = {
  action: string;
  fields: [string, string][];
  method?: 'get' | 'post';
  enctype?: string;
  /** The page itself is left for the response; otherwise a frame receives it. */
  isSeen?: boolean;
  /** From a sandboxed frame, whose origin is `null`. */
  isSandboxed?: boolean;
};

/** Sends a form from the page that is open. */
export function sendForm(page: Page, form: Form): Promise<void> {
  return page.evaluate(({ action, fields, isSeen = false, isSandboxed = false, ...how }) => {
    const sent = document.createElement('form');
    const { method = 'post', enctype = 'multipart/form-data' } = how;
    Object.assign(sent, { action, enctype, method, id: 'attack' });
    for (const [name, value] of fields) {
      const input = document.createElement('textarea');
      Object.assign(input, { name, value, defaultValue: value });
      sent.append(input);
    }
    const frame = document.createElement('iframe');
    frame.name = `frame-${document.querySelectorAll('iframe').length}`;
    if (isSandboxed) {
      frame.setAttribute('sandbox', 'allow-scripts allow-forms');
      frame.srcdoc = `${sent.outerHTML}<script>document.getElementById('attack').submit()</script>`;
    }
    if (!isSeen) document.body.append(frame);
    if (isSandboxed) return;
    if (!isSeen) sent.target = frame.name;
    document.body.append(sent);
    sent.submit();
  }, form);
}

/** Follows a link on the page that is open. */
export async function followLink(page: Page, href: string): Promise<void> {
  await page.evaluate((address) => {
    const link = Object.assign(document.createElement('a'), {
      href: address,
      textContent: 'Claim your prize',
    });
    document.body.append(link);
  }, href);
  await page.getByRole('link', { name: 'Claim your prize' }).click();
}

/** In the browser: every way in which a script can send something with the cookies of its visitor. */
export async function askByScript({
  address,
  fields,
}: {
  address: string;
  fields: [string, string][];
}): Promise<void> {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  const text = JSON.stringify(Object.fromEntries(fields));
  const bodies = [form, new URLSearchParams(fields), text, new Blob([text], { type: 'text/plain' })];
  const send = (init: RequestInit) => fetch(address, { credentials: 'include', ...init }).catch(() => null);
  for (const body of bodies) {
    await send({ method: 'POST', mode: 'no-cors', body });
    navigator.sendBeacon(address, body);
  }
  await send({ method: 'POST', headers: { 'next-action': '0'.repeat(42) }, body: '[]' });
  await send({ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  await send({ method: 'PUT' });
  await send({ method: 'DELETE' });
}

/**
 * Runs in the browser: loads each address as script, picture, style sheet, by `fetch` and in a frame, and
 * opens a frame of the page itself.
 * @returns the outcomes, except those of the frames
 */
export async function embedAll(addresses: string[]): Promise<string[]> {
  const settle = (element: HTMLElement, attribute: string, address: string) =>
    new Promise<string>((resolve) => {
      element.addEventListener('load', () => resolve('loaded'));
      element.addEventListener('error', () => resolve('rejected'));
      element.setAttribute(attribute, address);
      document.body.append(element);
    });
  const read = (address: string, mode: RequestMode) =>
    fetch(address, { mode, credentials: 'include' }).then(
      ({ type }) => `read ${type}`,
      () => 'rejected',
    );
  const sheet = Object.assign(document.createElement('link'), { rel: 'stylesheet' });
  const results = addresses.map(async (address) => [
    await settle(document.createElement('script'), 'src', address),
    await settle(document.createElement('img'), 'src', address),
    await settle(sheet.cloneNode() as HTMLElement, 'href', address),
    await read(address, 'no-cors'),
    await read(address, 'cors'),
  ]);
  await Promise.all(
    [...addresses, '/mine'].map((address) => settle(document.createElement('iframe'), 'src', address)),
  );
  return [...new Set((await Promise.all(results)).flat())];
}

/** Everything that a page can ask about a window and a frame of another origin, without times. */
export async function observeFromOutside(page: Page, address: string): Promise<string> {
  const popup = page.waitForEvent('popup');
  await page.evaluate((url) => {
    const global = globalThis as unknown as { opened: Window | null };
    global.opened = window.open(url, 'target');
  }, address);
  const opened = await popup;
  await opened.waitForLoadState().catch(() => null);
  const seen = await page.evaluate(async (url) => {
    const { opened: window_ } = globalThis as unknown as { opened: Window | null };
    const frame = document.createElement('iframe');
    const isFrameLoaded = new Promise<boolean>((resolve) => {
      frame.addEventListener('load', () => resolve(true));
      frame.addEventListener('error', () => resolve(false));
    });
    frame.src = url;
    document.body.append(frame);
    const fetched = await fetch(url, { mode: 'no-cors', credentials: 'include' }).then(
      ({ type, redirected }) => `${type} ${redirected}`,
      () => 'rejected',
    );
    const entry = performance.getEntriesByName(url).at(-1) as PerformanceResourceTiming | undefined;
    return JSON.stringify({
      isClosed: window_?.closed,
      windowFrames: window_?.length,
      isFrameLoaded: await isFrameLoaded,
      frames: frame.contentWindow?.length,
      fetched,
      size: entry?.transferSize,
      status: entry?.responseStatus,
      nextHop: entry?.nextHopProtocol,
    });
  }, address);
  await opened.close();
  return seen;
}
