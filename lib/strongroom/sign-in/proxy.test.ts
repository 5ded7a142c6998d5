import { NextRequest } from 'next/server';
import { beforeEach, describe, expect, it } from 'vitest';
import { type LoggedEvent, onEvent } from '../base/events';
import { testDeclaration } from '../testing/declaration';
import { useEnvironment } from '../testing/environment';
import { describeWaiting, proxy } from './proxy';

beforeEach(() => useEnvironment());

const [protectedPath = ''] = testDeclaration.protectedPaths;
describe('a request that the server guard has not seen', () => {
  const askUnguarded = () => proxy(new NextRequest(`https://app.example${protectedPath}`));

  it('gets no page: the server is starting', async () => {
    const response = await askUnguarded();
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  });

  it('OP-01: in development, a start that takes too long names what is missing', () => {
    expect(describeWaiting(1_000)).toContain('is starting');
    delete (globalThis as { [key: symbol]: unknown })[Symbol.for('strongroom.declaration')];
    expect(describeWaiting(2)).toContain('is starting');
    expect(describeWaiting(1_000)).toMatch(/instrumentation\.ts, .* must call startServer/);
  });

  it('OP-01: before startServer was called, the log says once what has to call it', async () => {
    const told: LoggedEvent[] = [];
    onEvent((logged) => told.push(logged));
    await askUnguarded();
    expect(told).toEqual([]);
    delete (globalThis as { [key: symbol]: unknown })[Symbol.for('strongroom.declaration')];
    expect((await askUnguarded()).status).toBe(503);
    await askUnguarded();
    expect(told).toMatchObject([
      {
        event: 'not_started',
        level: 'warn',
        fields: { todo: expect.stringContaining('instrumentation.ts') },
      },
    ]);
  });
});
