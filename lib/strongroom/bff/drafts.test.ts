import { beforeEach, expect, it, vi } from 'vitest';
import { readDraft } from '../session/draft';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { watchStore } from '../testing/watched-store';
import { drafts } from './drafts';

const jars = vi.hoisted(() => ({ current: null as unknown }));
vi.mock('../session/next-cookies', () => ({ requestCookies: async () => jars.current }));

let jar: TestJar;
beforeEach(() => {
  useEnvironment();
  jar = createTestJar();
  jars.current = jar;
});

it('SE-15: a long text is no reason to fail while the store is away, and a short one is kept', async () => {
  watchStore().goAway();
  await drafts.write({ owner: 'ada', key: 'one', text: 'x'.repeat(2_000) });
  expect(await readDraft(jar, 'ada')).toBeNull();
  await drafts.write({ owner: 'ada', key: 'two', text: 'short' });
  expect(await readDraft(jar, 'ada')).toMatchObject({ text: 'short' });
});
