import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { noteApiStatus } from './not-found-watch';

const warned = vi.hoisted(() => [] as unknown[]);
vi.mock('../base/log', async (importOriginal) => ({
  ...(await importOriginal<typeof import('../base/log')>()),
  logWarning: (...line: unknown[]) => warned.push(line),
}));
beforeEach(() => {
  useEnvironment();
  warned.length = 0;
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => void vi.useRealTimers());

function note(...statuses: number[]): void {
  for (const status of statuses) noteApiStatus(status);
}

describe('an API that has responded with nothing but 404', () => {
  it('is told once a minute, with the variable that is wrong', () => {
    note(404, 404, 404, 404);
    vi.advanceTimersByTime(60_000);
    note(404, 404);
    expect(warned).toEqual([
      ['api_only_not_found', { responses: 3, variable: 'API_BASE_URL' }],
      ['api_only_not_found', { responses: 5, variable: 'API_BASE_URL' }],
    ]);
  });

  it.each([200, 401, 403, 500])(
    'is none after a response with %i: one thing is missing, not all',
    (status) => {
      note(status, 404, 404);
      expect(warned).toEqual([]);
    },
  );
});
