/** Bytes as they are, for requests that no client would send. */
import { connect } from 'node:net';

/** @returns everything that came back until the other side closed, or until nothing more came for `quietMs`: it waits for the first byte */
export function sendRaw(
  origin: string,
  bytes: string,
  quietMs = 120_000,
): Promise<{ text: string; isClosed: boolean }> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname);
    const finish = (isClosed: boolean) => {
      socket.destroy();
      resolve({ text, isClosed });
    };
    socket.once('data', () => socket.setTimeout(quietMs, () => finish(false)));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => finish(true));
    socket.on('close', () => finish(true));
    socket.write(Buffer.from(bytes, 'latin1'));
  });
}
