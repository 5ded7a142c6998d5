/**
 * What the bundled servers need to know, from the environment, with defaults that make the demo work.
 * Only `sample/` and the scripts that start it read this; the application meets these servers over HTTP alone.
 */
import { resolve } from 'node:path';

export type SampleSettings = {
  /** Origin of the application, registered as the client's redirect target. */
  appOrigin: string;
  authorizationServerPort: number;
  apiPort: number;
  /** Issuer identifier of the bundled authorization server, without a trailing slash. */
  issuer: string;
  /** Identifier of the bundled API: `audience` and `resource` of its access tokens. */
  apiIdentifier: string;
  /** Folder that keeps everything which must survive a restart. */
  stateFolder: string;
  accessTokenLifetimeSec: number;
  refreshTokenLifetimeSec: number;
  /** Where the client wants to be told of sign-outs (OpenID Connect Back-Channel Logout); null when it does not. */
  backchannelLogoutUri: string | null;
};

export type Environment = Readonly<Record<string, string | undefined>>;

export function readSampleSettings(env: Environment = process.env): SampleSettings {
  const authorizationServerPort = readPositiveInteger(env, 'SAMPLE_AS_PORT', 4000);
  const apiPort = readPositiveInteger(env, 'SAMPLE_API_PORT', 4001);
  return {
    appOrigin: env.SAMPLE_APP_ORIGIN ?? 'http://localhost:3000',
    authorizationServerPort,
    apiPort,
    issuer: `http://127.0.0.1:${authorizationServerPort}`,
    apiIdentifier: `http://127.0.0.1:${apiPort}`,
    stateFolder: resolve(env.SAMPLE_STATE_FOLDER ?? '.demo'),
    accessTokenLifetimeSec: readPositiveInteger(env, 'SAMPLE_ACCESS_TOKEN_SEC', 300),
    backchannelLogoutUri: env.SAMPLE_BACKCHANNEL_LOGOUT_URI || null,
    refreshTokenLifetimeSec: readPositiveInteger(env, 'SAMPLE_REFRESH_TOKEN_SEC', 14 * 24 * 3600),
  };
}

/** The bundled servers are for a developer's own machine. @throws when they are started as a production service. */
export function refuseProduction(env: Environment = process.env): void {
  if (env.NODE_ENV !== 'production' || env.SAMPLE_ALLOW_PRODUCTION === 'demo') return;
  throw new Error(
    'The bundled servers are a demo and do not run with NODE_ENV=production. Point AUTH_ISSUER and API_BASE_URL at your own servers.',
  );
}

function readPositiveInteger(env: Environment, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${name} must be a whole number above 0, not "${text}".`);
  return value;
}
