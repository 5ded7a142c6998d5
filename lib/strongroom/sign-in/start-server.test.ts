/** A start that fails in a way that nobody expected. */
import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type LoggedEvent, onEvent } from '../base/events';
import { handOverHttpServer } from '../server/http-server';
import { openStore } from '../store/current-store';
import { testDeclaration } from '../testing/declaration';
import { useEnvironment } from '../testing/environment';
import { startServer } from './start-server';

vi.mock('../store/current-store', async (load) => ({ ...(await load<object>()), openStore: vi.fn() }));
beforeEach(() => useEnvironment());
afterEach(() => void vi.restoreAllMocks());

it('OP-01: ends the process, and the log says why: Next would go on without a guard', async () => {
  const told: LoggedEvent[] = [];
  onEvent((logged) => told.push(logged));
  const started = vi.fn();
  handOverHttpServer({ server: createServer(), closeNext: async () => {}, pageRoutes: null, started });
  vi.mocked(openStore).mockRejectedValue(Object.assign(new Error('not found'), { code: 'MODULE_NOT_FOUND' }));
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  await expect(startServer(testDeclaration)).rejects.toThrow('exit 1');
  expect(told).toMatchObject([
    { event: 'not_started', level: 'error', fields: { causes: 'Error(MODULE_NOT_FOUND)' } },
  ]);
  expect(started).not.toHaveBeenCalled();
});
