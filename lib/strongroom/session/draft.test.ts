import { beforeEach, describe, expect, it } from 'vitest';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { maxDraftChars, readDraft, removeDraft, writeDraft } from './draft';
import { seal } from './seal';

const name = '__Host-strongroom-draft';

beforeEach(() => useEnvironment());

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
    const jar = createTestJar();
    await writeDraft(jar, { owner: 'ada', key: 'k', text: 'ž'.repeat(maxDraftChars + 1) });
    expect((await readDraft(jar, 'ada'))?.text).toBe('ž'.repeat(maxDraftChars));
    expect([...jar.cookies.values()].join('').length).toBeLessThan(1_000);
  });

  it('is gone once removed, parts and all', async () => {
    const jar = createTestJar();
    await writeDraft(jar, { owner: 'ada', key: 'k', text: 'ž'.repeat(2_000) });
    await removeDraft(jar);
    expect(jar.cookies.size).toBe(0);
    expect(await readDraft(jar, 'ada')).toBeNull();
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
