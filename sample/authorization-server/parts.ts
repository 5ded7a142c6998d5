/**
 * What one running authorization server is made of; built in `server.ts` and handed to whoever needs some of it.
 */
import type { SampleSecrets } from '../secrets.ts';
import type { SampleSettings } from '../settings.ts';
import type { Accounts } from './accounts.ts';
import type { ArtifactStore } from './artifacts.ts';
import type { ConsentStore } from './consents.ts';
import type { Log } from './log.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export type Parts = {
  settings: SampleSettings;
  secrets: SampleSecrets;
  accounts: Accounts;
  artifacts: ArtifactStore;
  consents: ConsentStore;
  signInLimit: SignInLimit;
  log: Log;
};
