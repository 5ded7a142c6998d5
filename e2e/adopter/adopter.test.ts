/**
 * The seam between core and application holds: in a copy where another application stands in place of the sample, everything
 * builds and works, and the core and its tests are the same. The copy is served below a path of its host.
 */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInCopy } from '../../scripts/repository-copy.ts';
import { listRemoved, listWritten, makeAdopterCopy, removed } from './adopter-copy.ts';

let copy = '';
beforeAll(() => {
  copy = makeAdopterCopy();
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const minuteMs = 60_000;
/** Only a command that hangs takes as long, on a slow machine too. */
const timeoutMs = 15 * minuteMs;
const underPath = ['env', 'BASE_PATH=/tools/ledger'];
const vitest = ['npx', 'vitest', 'run', '--reporter=dot', '--project'];

/** Where an adopter writes and deletes. */
const theirs = /^(app|lib\/api|e2e)\/|^lib\/(declaration|places)\.ts$/;

describe('an adopter with invoices in place of the sample', { timeout: 31 * minuteMs }, () => {
  it('edits and deletes files of the application and tests of the sample, and nothing else', () => {
    expect(listWritten().length).toBeGreaterThan(0);
    expect([...listWritten(), ...removed].filter((path) => !theirs.test(path))).toEqual([]);
    expect(removed.filter((pattern) => listRemoved(pattern).length === 0)).toEqual([]);
  });

  it('gets no type errors', async () => {
    await runInCopy(copy, ['npm', 'run', '--silent', 'typecheck'], timeoutMs);
  });

  // The other folders of the core are the same files in the copy, and by the layers of `biome.json` they import nothing that an adopter edits.
  it('can run the tests of the core as they are', async () => {
    const core = ['bff', 'config', 'server', 'testing'].map((folder) => `lib/strongroom/${folder}`);
    const tests = [...core, 'app/', 'scripts/owners', 'scripts/seam'];
    await runInCopy(copy, [...vitest, 'unit*', ...tests], timeoutMs);
  });

  it('OP-01: gets no build for a base path that could be read in two ways', async () => {
    const build = runInCopy(copy, ['env', 'BASE_PATH=/ledger/', 'npm', 'run', 'build'], timeoutMs);
    await expect(build).rejects.toThrow('BASE_PATH=/ledger/ must be a path such as /portal');
  });

  it('RD-09: can build, sign users in and serve them, below a path of a host that serves more', async () => {
    // Nobody builds this copy again.
    await runInCopy(copy, [...underPath, 'CI=true', 'npm', 'run', '--silent', 'build'], timeoutMs);
    await runInCopy(copy, [...underPath, ...vitest, 'flow', 'e2e/flow'], timeoutMs);
    await runInCopy(copy, [...underPath, 'npx', 'playwright', 'test', 'e2e/pages'], timeoutMs);
  });
});
