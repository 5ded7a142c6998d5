/**
 * How an endpoint replies otherwise than it should: other members, other bytes, another status, or no
 * response at all.
 */
import type { ServerResponse } from 'node:http';

export type Reply = {
  status?: number;
  headers?: Record<string, string>;
  /** Replaces members of the right response; one that is undefined is left out. */
  members?: Record<string, unknown>;
  /** Replaces the body of the right response. */
  body?: string | Buffer | ((right: string) => string | Buffer);
  /**
   * `reset` closes the connection, `cut` closes it in the middle of the body, `silence` never responds,
   * `drip` sends the headers and then one byte a second, `late` responds after a second.
   */
  manner?: 'reset' | 'cut' | 'silence' | 'drip' | 'late';
  /** The response waits for this. */
  after?: Promise<void>;
};

const lateMs = 1_000;

export type Body = Record<string, unknown>;

export function sendReply(response: ServerResponse, right: Body, { after, ...reply }: Reply = {}): void {
  if (after === undefined) send(response, right, reply);
  else void after.then(() => send(response, right, reply));
}

function send(
  response: ServerResponse,
  right: Body,
  { status = 200, headers, members, body, manner }: Omit<Reply, 'after'>,
): void {
  const text = JSON.stringify({ ...right, ...members });
  const bytes = Buffer.from(typeof body === 'function' ? body(text) : (body ?? text));
  const length = { 'content-length': String(bytes.byteLength) };
  const head = { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers };
  switch (manner) {
    case 'silence':
      break;
    case 'reset':
      response.socket?.destroy();
      break;
    case 'cut':
      response.writeHead(status, { ...head, ...length });
      response.write(bytes.subarray(0, bytes.byteLength / 2), () => response.socket?.destroy());
      break;
    case 'drip':
      drip(response.writeHead(status, { ...head, ...length }), bytes);
      break;
    case 'late':
      setTimeout(() => response.writeHead(status, withoutEmpty(head)).end(bytes), lateMs);
      break;
    default:
      response.writeHead(status, withoutEmpty(head)).end(bytes);
  }
}

/** Leaves out headers without a value. */
function withoutEmpty(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
}

function drip(response: ServerResponse, bytes: Buffer): void {
  let sent = 0;
  const timer = setInterval(() => {
    response.write(bytes.subarray(sent, sent + 1));
    sent += 1;
  }, 1_000);
  response.once('close', () => clearInterval(timer));
}
