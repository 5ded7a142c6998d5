/**
 * The bundled authorization server and API for an application at another address, inside of the test's
 * process.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOrCreateSecrets } from '../../sample/secrets.ts';
import { readSampleSettings } from '../../sample/settings.ts';
import { findFreePorts } from '../../scripts/ports.ts';
import { describeApp, describeSample } from '../../scripts/stack-settings.ts';
import { startSampleHere } from '../support/sample-in-process.ts';

export type SampleServers = {
  appUrl: string;
  appPort: number;
  /** What the application is told about them. */
  env: Record<string, string>;
  password: string;
  close(): Promise<void>;
};

export const email = 'ada@strongroom.test';

export async function startSampleServers(): Promise<SampleServers> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'strongroom-'));
  const [appPort = 0, authorizationServerPort = 0, apiPort = 0, calendarPort = 0] = await findFreePorts(4);
  const options = { appPort, authorizationServerPort, apiPort, calendarPort, stateFolder };
  const appUrl = `http://localhost:${appPort}`;
  const sampleEnv = describeSample({ ...options, env: { SAMPLE_PASSWORD_COST: '1024' } }, appUrl);
  const settings = readSampleSettings(sampleEnv);
  const secrets = readOrCreateSecrets(stateFolder, 0);
  const names = ['authorization server', 'API'] as const;
  const servers = await Promise.all(names.map((name) => startSampleHere(name, sampleEnv, () => {})));
  return {
    ...{ appUrl, appPort },
    env: describeApp(options, settings, secrets),
    password: secrets.passwords[email] ?? '',
    close: async () => {
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}
