/**
 * Starts the bundled authorization server as a process of its own: `node sample/authorization-server/main.ts`.
 */
import { readOrCreateSecrets } from '../secrets.ts';
import { readSampleSettings, refuseProduction } from '../settings.ts';
import { startAuthorizationServer } from './server.ts';

try {
  refuseProduction();
  const settings = readSampleSettings();
  const secrets = readOrCreateSecrets(settings.stateFolder, settings.extraAccounts);
  const server = await startAuthorizationServer(settings, secrets);
  const end = () => void server.close().then(() => process.exit(0));
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  console.log(`authorization server ready on ${server.issuer}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
