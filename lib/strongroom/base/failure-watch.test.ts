import { expect, it } from 'vitest';
import { type LoggedEvent, onEvent } from './events';
import { watchFailures } from './failure-watch';

it('a failure is said once as long as it lasts, and its end once', () => {
  const told: LoggedEvent[] = [];
  onEvent((logged) => told.push(logged));
  const note = watchFailures({ failed: 'metrics_not_exported', back: 'metrics_exported_again' });
  const failed = Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
  for (const outcome of [null, failed, failed, failed, null, null, failed]) note(outcome);
  expect(told.map(({ event }) => event)).toEqual([
    ...['metrics_not_exported', 'metrics_exported_again', 'metrics_not_exported'],
  ]);
  expect(told[0]).toMatchObject({ level: 'error', fields: { causes: 'Error(ECONNREFUSED)' } });
});
