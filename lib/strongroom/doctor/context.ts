/** What every check of the doctor is given: the configuration, bounds, and what the server says about itself. */
import 'server-only';
import type { HttpLimits } from '../base/http-exchange';
import type { Api } from '../config/apis';
import { getApi, getConfig } from '../config/config';
import { getDeclaration } from '../config/declaration';
import type { Config } from '../config/parse-config';
import { endpointVariables } from '../config/server-address-variables';
import type { ServerMetadata } from '../oauth/metadata-document';
import type { Finding } from './finding';

export type Bounds = {
  /** Of one request. */
  requestMs: number;
  /** Of all checks together. */
  totalMs: number;
};

export type Context = {
  config: Config;
  /** The first of the declared APIs; each is examined by itself. */
  api: Api;
  homePath: string;
  signedOutPath: string;
  limits: HttpLimits;
};

export type Server = {
  /** The metadata document as it came. */
  document: Readonly<Record<string, unknown>>;
  /** What the application takes from it. */
  metadata: ServerMetadata;
  /** What needs a client that the server accepts is not tried with another one: it would fail for that alone. */
  isClientAccepted: boolean;
};

export type Check = (context: Context) => Promise<Finding[]> | Finding[];
export type ServerCheck = (context: Context, server: Server) => Promise<Finding[]> | Finding[];

export function createContext({ requestMs }: Bounds): Context {
  const { paths } = getDeclaration();
  return {
    config: getConfig(),
    api: getApi(),
    homePath: paths.home,
    signedOutPath: paths.signedOut,
    limits: { timeoutMs: requestMs, maxBytes: 1_000_000 },
  };
}

/** The variable that decides an endpoint: its own where it is set, else the issuer. */
export function variableOfEndpoint({ config }: Context, name: keyof typeof endpointVariables): string {
  return config.endpoints[name] === undefined ? 'AUTH_ISSUER' : endpointVariables[name];
}

/** A list of texts of the document, or null where it has none. */
export function readList({ document }: Server, name: string): string[] | null {
  const value = document[name];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : null;
}
