import { beforeEach, describe, expect, it } from 'vitest';
import { nowSec } from '../base/clock';
import { currentStore } from '../store/current-store';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { buildSession, buildTokens } from '../testing/sessions';
import { watchStore } from '../testing/watched-store';
import { maxDraftChars, readDraft, removeDraft, writeDraft } from './draft';
import { seal } from './seal';
import { writeSession } from './session-cookie';
import { pseudonymOf } from './user-pseudonym';

const name = '__Host-strongroom-draft';

beforeEach(() => useEnvironment());

const session = buildSession({ endsAtSec: nowSec() + 3_600, tokens: buildTokens() });
const adasPseudonym = () => pseudonymOf(session.user);

/** The browser of a user who is, or was, signed in. */
async function signedInJar(): Promise<TestJar> {
  const jar = createTestJar();
  await writeSession(jar, session);
  return jar;
}
const draftCookies = ({ cookies }: TestJar) =>
  [...cookies].filter(([cookie]) => cookie.startsWith(name)).map(([, value]) => value);

describe('a draft', () => {
  it('is shown again to the user who wrote it', async () => {
    const jar = createTestJar();
    await writeDraft(jar, { owner: 'ada', key: 'k', text: 'Dear Grace,' });
    expect((await readDraft(jar, 'ada'))?.text).toBe('Dear Grace,');
  });

  it('CB-26: is never shown to another user of the same browser', async () => {
    const jar = createTestJar();
    await writeDraft(jar, { owner: 'ada', key: 'k', text: 'Dear Grace,' });
    expect(await readDraft(jar, 'grace')).toBeNull();
    expect(await readDraft(jar, '')).toBeNull();
  });

  it('CK-11: is cut to its longest length, and a long one leaves only a reference in the cookie', async () => {
    const [jar, owner] = [await signedInJar(), adasPseudonym()];
    await writeDraft(jar, { owner, key: 'k', text: 'ž'.repeat(maxDraftChars + 1) });
    expect((await readDraft(jar, owner))?.text).toBe('ž'.repeat(maxDraftChars));
    expect(draftCookies(jar).join('').length).toBeLessThan(1_000);
    expect(await readDraft(jar, 'grace')).toBeNull();
  });

  it('is gone once removed, parts and all', async () => {
    const [jar, owner] = [await signedInJar(), adasPseudonym()];
    await writeDraft(jar, { owner, key: 'k', text: 'ž'.repeat(2_000) });
    await removeDraft(jar);
    expect(draftCookies(jar)).toEqual([]);
    expect(await readDraft(jar, owner)).toBeNull();
  });

  it('RL-06: of a stranger, or for another user, writes nothing to the store; a short one stays in its cookie', async () => {
    const store = watchStore();
    for (const jar of [
      createTestJar(),
      createTestJar([['__Host-strongroom', 'forged']]),
      await signedInJar(),
    ]) {
      await writeDraft(jar, { owner: 'grace', key: 'k', text: 'x'.repeat(maxDraftChars) });
      expect(await readDraft(jar, 'grace')).toBeNull();
      await writeDraft(jar, { owner: 'grace', key: 'k', text: 'short' });
      expect((await readDraft(jar, 'grace'))?.text).toBe('short');
    }
    expect(store.calls).toEqual([]);
  });

  it('RL-06: of one user are a few in the store, and not large together: the oldest goes first', async () => {
    const owner = adasPseudonym();
    const jars: TestJar[] = [];
    for (let browser = 0; browser < 8; browser += 1) {
      const jar = await signedInJar();
      jars.push(jar);
      await writeDraft(jar, { owner, key: 'k', text: `${browser} ${'x'.repeat(1_000)}` });
    }
    const kept = async () =>
      (await Promise.all(jars.map((jar) => readDraft(jar, owner)))).map((one) => one !== null);
    expect(await kept()).toEqual([false, false, false, true, true, true, true, true]);
    const long = await signedInJar();
    for (let round = 0; round < 20; round += 1)
      await writeDraft(long, { owner, key: 'k', text: `${round}${'ž'.repeat(maxDraftChars)}` });
    expect((await readDraft(long, owner))?.text).toHaveLength(maxDraftChars);
    expect(((await currentStore().get(`draft:${owner}`)) ?? '').length).toBeLessThan(100_000);
    expect(await kept()).not.toContain(true);
  });

  it('writes no cookie when there is none to remove', async () => {
    const jar = createTestJar();
    await removeDraft(jar);
    expect(jar.writes).toEqual([]);
  });

  it('CK-05: a seal for another purpose, or of another shape, is no draft', async () => {
    const sessionSeal = await seal('session', { owner: 'ada', key: 'k', text: 'x' }, 600);
    expect(await readDraft(createTestJar([[name, sessionSeal]]), 'ada')).toBeNull();
    const shape = await seal('draft', { owner: 'ada', key: 'k', text: 7 }, 600);
    expect(await readDraft(createTestJar([[name, shape]]), 'ada')).toBeNull();
  });
});
