/**
 * The seam between core and application holds: in a copy where another application stands in place of the sample, everything
 * builds and works, and the core and its tests are the same. The copy is served below a path of its host.
 */
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPortFree } from '../../scripts/ports.ts';
import { runInCopy } from '../../scripts/repository-copy.ts';
import { listRemoved, listWritten, makeAdopterCopy, removed } from './adopter-copy.ts';
import { createOwnServer, runDevelopment } from './run-development.ts';

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
const theirs = /^(app|lib\/api|e2e|docs)\/|^lib\/(declaration|places)\.ts$/;

describe('an adopter with invoices in place of the sample', { timeout: 31 * minuteMs }, () => {
  it('edits and deletes files of the application and tests of the sample, and nothing else', () => {
    expect(listWritten().length).toBeGreaterThan(0);
    expect([...listWritten(), ...removed].filter((path) => !theirs.test(path))).toEqual([]);
    expect(removed.filter((pattern) => listRemoved(pattern).length === 0)).toEqual([]);
  });

  it('gets no type errors, and nothing to mend', async () => {
    await runInCopy(copy, ['npm', 'run', '--silent', 'typecheck'], timeoutMs);
    await runInCopy(copy, ['npm', 'run', '--silent', 'lint'], timeoutMs);
  });

  // The other folders of the core are the same files in the copy, and by the layers of `biome.json` they import nothing that an adopter edits.
  it('can run the unit tests that are left, as they are', async () => {
    const core = ['bff', 'config', 'server', 'testing'].map((folder) => `lib/strongroom/${folder}`);
    const tests = [...core, 'app/', 'sample/', 'scripts/'];
    await runInCopy(copy, [...vitest, 'unit*', ...tests], timeoutMs);
  });

  it('OP-01: gets no build for a base path that could be read in two ways', async () => {
    const build = runInCopy(copy, ['env', 'BASE_PATH=/ledger/', 'npm', 'run', 'build'], timeoutMs);
    await expect(build).rejects.toThrow('BASE_PATH=/ledger/ must be a path such as /portal');
  });

  describe('who develops against an authorization server of their own', () => {
    const world = createOwnServer();
    beforeAll(() => world.start());
    afterAll(async () => {
      await world.close();
      // They are no settings of the build that comes next.
      for (const name of ['.env', '.env.local', '.env.development.local']) rmSync(join(copy, name));
    });

    it('learns what is missing, and which port is taken, before anything is started', async () => {
      const { AUTH_CLIENT_ID, ...incomplete } = world.settings;
      const rejected = await runDevelopment(copy, { '.env.local': incomplete }, world.ports);
      const words = /Nothing was started.*, \.env\.local\.\n {2}AUTH_CLIENT_ID is not set\n/;
      expect([rejected.exitCode, rejected.output]).toEqual([1, expect.stringMatching(words)]);
      const { PORT } = world.ports;
      const other = createServer().listen(Number(PORT), '127.0.0.1');
      const files = { '.env.development.local': { AUTH_CLIENT_ID } };
      expect((await runDevelopment(copy, files, world.ports)).output).toContain(`Port ${PORT} for the appl`);
      await new Promise((resolve) => other.close(resolve));
    });

    it('gets the bundled API with it, and files of settings count in the order of Next', async () => {
      const files = { '.env': { AUTH_CLIENT_ID: 'of no use' } };
      const development = await runDevelopment(copy, files, world.ports);
      try {
        const { issuer, ports } = world;
        expect(development.output).toContain(`${issuer} (yours, AUTH_ISSUER of .env.local)`);
        expect(development.output).toContain(`:${ports.SAMPLE_API_PORT} (bundled, because API_BASE_URL is`);
        expect(await isPortFree(Number(ports.SAMPLE_AS_PORT))).toBe(true);
        expect((await world.askApi()).status).toBe(200);
        const address = (await world.startSignIn()).headers.get('location');
        expect(address).toMatch(`${issuer}/authorize?`);
        expect(address).toContain(`client_id=${world.settings.AUTH_CLIENT_ID}&`);
      } finally {
        await development.close();
      }
      expect(await Promise.all(Object.values(world.ports).map(Number).map(isPortFree))).not.toContain(false);
    });
  });

  it('RD-09: can build, sign users in and serve them, below a path of a host that serves more', async () => {
    // Nobody builds this copy again.
    await runInCopy(copy, [...underPath, 'CI=true', 'npm', 'run', '--silent', 'build'], timeoutMs);
    await runInCopy(copy, [...underPath, ...vitest, 'flow'], timeoutMs);
    await runInCopy(copy, [...underPath, 'npx', 'playwright', 'test'], timeoutMs);
  });
});
