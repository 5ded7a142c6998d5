/** Requests to the gateway as bytes, with what a script of ours would send, ready for what a test adds. */
import type { GatewayWorld } from './gateway-world.ts';
import { cookieHeader, ownHeaders } from './page-script.ts';
import { sendRaw } from './raw-socket.ts';

/** @param more whole lines */
export function rawHead(
  { stack, browser }: GatewayWorld,
  line: string,
  more: readonly string[] = [],
): string {
  const { host } = new URL(stack.appOrigin);
  const own = Object.entries(ownHeaders).map(([name, value]) => `${name}: ${value}`);
  const lines = [line, `Host: ${host}`, `Cookie: ${cookieHeader(browser, stack.appOrigin)}`, ...own, ...more];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** A new message. @param request its more headers, its body, and where it is sent if not to the application */
export function sendRawPost(
  world: GatewayWorld,
  { headers, body, origin = world.stack.appOrigin }: { headers: string[]; body: string; origin?: string },
) {
  const more = ['Content-Type: application/json', ...headers];
  return sendRaw(origin, rawHead(world, 'POST /api/gateway/messages HTTP/1.1', more) + body);
}

export const rawStatusOf = (text: string) => /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
