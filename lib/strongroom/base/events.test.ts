import { expect, it } from 'vitest';
import { AppError } from './errors';
import { type LoggedEvent, onEvent } from './events';
import { logEvent, logFailure, logWarning, setLogLevel } from './log';

it('a listener is told every event with the fields of its line, whatever the level of the log', () => {
  const told: LoggedEvent[] = [];
  onEvent((logged) => told.push(logged));
  setLogLevel('silent');
  logEvent('started', { issuer: 'http://localhost' });
  logWarning('store_in_memory');
  logFailure('refresh_failed', new AppError('invalid_grant'), { code: 'invalid_grant' });
  expect(told).toEqual([
    { event: 'started', level: 'info', fields: { issuer: 'http://localhost' } },
    { event: 'store_in_memory', level: 'warn', fields: {} },
    {
      event: 'refresh_failed',
      level: 'error',
      fields: { code: 'invalid_grant', causes: 'AppError(invalid_grant)' },
    },
  ]);
});
