/** Requests sent exactly as written, on a connection that ends with its first response. */
import { connect } from 'node:net';

/** The head is in lower case. */
export type RawText = { status: number; head: string; body: string };

export type Sent = { target?: string; method?: string; host?: string; headers?: Record<string, string> };

/**
 * Reads one response until the connection ends, which the client ends where the response has come to `end`.
 * @param port on loopback
 */
export function sendExactly(port: number, bytes: string, end?: string): Promise<RawText> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => void socket.write(bytes));
    socket.setTimeout(240_000, () => socket.destroy(new Error(`no response to ${bytes.slice(0, 200)}`)));
    socket.on('data', (chunk) => {
      text += chunk;
      if (end !== undefined && text.includes(end)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
      resolve({ status: Number(head.split(' ')[1]), head: head.toLowerCase(), body });
    });
  });
}

/** A request without a body, whatever its headers announce. */
export function askExactly(
  port: number,
  { target = '/', method = 'GET', host = '', headers = {} }: Sent,
  end?: string,
): Promise<RawText> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const start = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n`;
  return sendExactly(port, `${start}${lines.join('')}\r\n`, end);
}
