import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../base/log';
import { describePrinted } from './describe-printed';
import { logWhatIsPrinted } from './printed-lines';

describe('LK-03, OP-03: what is printed', () => {
  it.each([
    [['plain words'], 'plain words'],
    [['\u001b[31m⨯\u001b[0m Failed to handle', 'it'], 'Failed to handle it'],
    [['two\nlines\u0007\u009b2J'], 'two lines 2J'],
    [
      ['Failed to find Server Action "40canary". This request'],
      'Failed to find Server Action "…". This request',
    ],
    [
      ['Failed to handle request for /auth/callback/provider?code=canary now'],
      'Failed to handle request for /auth/callback/provider? now',
    ],
    [['`origin` header with value `evil.canary` does'], '"…" header with value "…" does'],
    [["in 'canary' and isn't"], 'in "…" and isn\'t'],
    [[`a ${'x'.repeat(41)} b`], 'a … b'],
    [['unhandledRejection:', new TypeError('no boundary')], 'unhandledRejection: TypeError: no boundary'],
    [[{ secret: 'canary' }, 7, undefined], '(object) (number) (undefined)'],
  ])('%j is told as %s', (parts, text) => {
    expect(describePrinted(parts)).toMatch(new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`));
  });

  it('is told in 200 characters', () => {
    expect(describePrinted(['a b '.repeat(100_000)])).toHaveLength(200);
  });
});

describe('OP-03: the console', () => {
  const printed: unknown[] = [];
  const target = console;
  const methods = { ...console };
  const warningListeners = process.listeners('warning');
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
    for (const level of ['logEvent', 'logWarning'] as const)
      vi.spyOn(log, level).mockImplementation((event, fields) => void printed.push([level, event, fields]));
    printed.length = 0;
    logWhatIsPrinted();
  });
  afterEach(() => {
    Object.assign(console, methods);
    process.removeAllListeners('warning');
    for (const listener of warningListeners) process.on('warning', listener);
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('writes one line of the log for each call, and for a warning of Node', () => {
    target.error(new Error('one\ntwo'));
    target.table([]);
    process.emit('warning', Object.assign(new Error('old'), { name: 'DeprecationWarning' }));
    expect(printed).toEqual([
      ['logWarning', 'printed', { text: 'Error: one two' }],
      ['logEvent', 'printed', expect.anything()],
      ['logWarning', 'printed', { text: 'DeprecationWarning: old' }],
    ]);
  });

  it('leaves out an error that has its line already', () => {
    target.error(Object.assign(new Error('x'), { digest: '123' }));
    expect(printed).toEqual([]);
  });

  it('tells an error once, however often it is printed', () => {
    const error = new Error('x');
    target.error(error);
    target.error('again', error);
    expect(printed).toHaveLength(1);
  });

  it('OP-03: writes sixty lines a minute, and then how many it left out', () => {
    for (let count = 0; count < 100; count += 1) target.log('again');
    expect(printed).toHaveLength(60);
    vi.advanceTimersByTime(60_000);
    target.log('again');
    expect(printed.at(-1)).toEqual(['logEvent', 'printed', { text: 'again', leftOut: 40 }]);
  });
});
