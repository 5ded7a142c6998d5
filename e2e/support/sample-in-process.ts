/**
 * The bundled authorization server and API inside of the test's process: as a process of its own, each would take
 * longer to start than many a test file takes.
 */

import { startApis } from '../../sample/api/server.ts';
import { createLog } from '../../sample/authorization-server/log.ts';
import { startAuthorizationServer } from '../../sample/authorization-server/server.ts';
import { readOrCreateSecrets } from '../../sample/secrets.ts';
import { readSampleSettings } from '../../sample/settings.ts';
import type { StartSample } from '../../scripts/stack-settings.ts';

export const startSampleHere: StartSample = async (name, env, onLine) => {
  const settings = readSampleSettings(env);
  const server =
    name === 'API'
      ? await startApis(settings, {
          log: (event, fields) =>
            onLine(JSON.stringify({ time: new Date().toISOString(), event, ...fields })),
        })
      : await startAuthorizationServer(
          settings,
          readOrCreateSecrets(settings.stateFolder, settings.extraAccounts),
          createLog(onLine),
        );
  return { stop: () => server.close(), kill: () => server.close() };
};
