/** Sends bytes as they are, for requests that no HTTP client agrees to send. */
import { connect } from 'node:net';

export type RawAnswer = { status: number; head: string; body: string };

/** @param head request line and headers, without the blank line. Host and Connection are added. */
export function sendRaw(origin: string, head: string[], body = ''): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(origin);
  const lines = [...head, ...(head.some((line) => /^host:/i.test(line)) ? [] : [`Host: ${host}`])];
  const request = [...lines, 'Connection: close', '', body].join('\r\n');
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(readAnswer(answer)));
  });
}

function readAnswer(answer: string): RawAnswer {
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: rest.join('\r\n\r\n') };
}
