/**
 * For tests: the application's end of the back channel. It keeps what it is told, or never answers.
 */
import { createServer } from 'node:http';

type Delivery = { path: string; contentType: string; token: string };

export type LogoutReceiver = {
  /** In order of arrival; waits for the next one when there is none. */
  next(): Promise<Delivery>;
  close(): Promise<void>;
};

export async function startLogoutReceiver(origin: string, isHanging = false): Promise<LogoutReceiver> {
  const arrived: Delivery[] = [];
  const waiting: ((delivery: Delivery) => void)[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { url: path = '', headers } = request;
    const token = new URLSearchParams(body).get('logout_token') ?? '';
    const delivery = { path, contentType: headers['content-type'] ?? '', token };
    const waiter = waiting.shift();
    if (waiter) waiter(delivery);
    else arrived.push(delivery);
    if (!isHanging) response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(Number(new URL(origin).port), '127.0.0.1', resolve));
  return {
    next: async () => arrived.shift() ?? new Promise((resolve) => waiting.push(resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
