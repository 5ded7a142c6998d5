import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetKeptForm, readKeptText, writeKeptText } from './kept-forms';

const ada = { owner: 'ada', form: 'new' };
const text = { key: 'k', fields: { text: 'Dear Grace,' }, hasNoResponse: false, isDue: false };
const dayMs = 24 * 60 * 60 * 1_000;

/** As a browser's: its items are its own enumerable properties. */
function createStorage(): Storage {
  const methods = {
    getItem: (name: string) => (Object.hasOwn(storage, name) ? storage[name] : null),
    setItem: (name: string, value: string) => void Object.assign(storage, { [name]: value }),
    removeItem: (name: string) => void delete storage[name],
  };
  const storage = Object.create(methods) as Storage;
  return storage;
}

let storage: Storage;
beforeEach(() => {
  storage = createStorage();
  vi.stubGlobal('window', { localStorage: storage });
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('what is typed', () => {
  it('is kept for its user and form, for a day', () => {
    expect(writeKeptText(ada, text)).toBe(true);
    expect(readKeptText(ada)).toEqual(text);
    expect(readKeptText({ ...ada, owner: 'grace' })).toBeNull();
    expect(readKeptText({ ...ada, form: 'other' })).toBeNull();
    vi.advanceTimersByTime(dayMs);
    expect(readKeptText(ada)).toBeNull();
  });

  it('is forgotten by form, and what else the site keeps stays', () => {
    storage.setItem('theirs', 'x');
    for (const owner of ['ada', 'grace']) writeKeptText({ ...ada, owner }, text);
    forgetKeptForm(ada);
    expect([readKeptText(ada), readKeptText({ ...ada, owner: 'grace' })]).toEqual([null, text]);
    expect(Object.keys(storage)).toContain('theirs');
  });

  it('is not kept when it is huge, or the browser has no room or no storage, and nothing fails', () => {
    expect(writeKeptText(ada, { ...text, fields: { text: 'x'.repeat(300_000) } })).toBe(false);
    vi.stubGlobal('window', {
      get localStorage() {
        throw new DOMException('no', 'SecurityError');
      },
    });
    expect([writeKeptText(ada, text), readKeptText(ada)]).toEqual([false, null]);
    forgetKeptForm(ada);
  });

  it.each([
    '',
    '7',
    'null',
    '{}',
    '{"text":{"key":7}}',
    '{"text":{"key":"k","fields":{"text":7}},"endsAtMs":9e15}',
  ])('is nothing when the storage holds %j', (item) => {
    storage.setItem('strongroom-kept:ada:new', item);
    expect(readKeptText(ada)).toBeNull();
  });
});
