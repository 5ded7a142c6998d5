/** A server at the address of Redis that is none. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import { describeCauses } from '../base/log';
import { connectToNode } from './redis-node';

it('OP-03: one that never responds is lost, and the log says that', async () => {
  const open = new Set<Socket>();
  const silent = createServer((socket) => void open.add(socket.on('error', () => {})));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const lost = vi.fn();
  const node = connectToNode(
    {
      ...{ host: '127.0.0.1', port: (silent.address() as AddressInfo).port, isTls: false },
      ...{ identity: null, user: '', password: '', database: 0 },
    },
    { lost, back: () => {} },
  );
  await expect(node.run((client) => client.ping())).rejects.toMatchObject({ code: 'store_unavailable' });
  const [, , error] = lost.mock.calls[0] ?? [];
  expect(describeCauses(error)).toMatch(/^AppError\(store_unavailable/);
  node.close();
  for (const socket of open) socket.destroy();
  silent.close();
});
