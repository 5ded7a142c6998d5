import { beforeEach, expect, it, vi } from 'vitest';
import { nowSec } from '../base/clock';
import { readDraft } from '../session/draft';
import { writeSession } from '../session/session-cookie';
import { pseudonymOf } from '../session/user-pseudonym';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { holdCookies } from '../testing/request-cookies';
import { buildSession } from '../testing/sessions';
import { watchStore } from '../testing/watched-store';
import { drafts } from './drafts';

vi.mock('../session/next-cookies', () => import('../testing/request-cookies'));

let jar: TestJar;
beforeEach(() => {
  useEnvironment();
  jar = holdCookies(createTestJar());
});

it('SE-15: a long text is no reason to fail while the store is away, and a short one is kept', async () => {
  const session = buildSession({ endsAtSec: nowSec() + 3_600 });
  const owner = pseudonymOf(session.user);
  await writeSession(jar, session);
  watchStore().goAway();
  await drafts.write({ owner, key: 'one', text: 'x'.repeat(2_000) });
  expect(await readDraft(jar, owner)).toBeNull();
  await drafts.write({ owner, key: 'two', text: 'short' });
  expect(await readDraft(jar, owner)).toMatchObject({ text: 'short' });
});
