import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { startBalancer } from './balancer.ts';
import { findFreePorts } from './ports.ts';

it('says for how long the balancer, not the instance behind it, keeps a connection', async () => {
  const instance = createServer((_request, response) => response.end('contacts'));
  instance.keepAliveTimeout = 5_000;
  await new Promise<void>((resolve) => instance.listen(0, '127.0.0.1', resolve));
  const [port = 0] = await findFreePorts(1);
  const balancer = await startBalancer(port, [(instance.address() as AddressInfo).port]);
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect(await response.text()).toBe('contacts');
    expect(response.headers.get('keep-alive')).toBe('timeout=65');
  } finally {
    await balancer.close();
    instance.closeAllConnections();
    instance.close();
  }
});
