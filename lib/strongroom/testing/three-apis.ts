/** A deployment with three APIs, and a server that rotates strictly and issues a token for one of them. Test support only. */
import type { Declaration } from '../config/declaration';
import { useEnvironment as setEnvironment } from './environment';
import type { TokenEndpoint } from './token-endpoint';

export const audiences = {
  main: 'https://contacts.example',
  calendar: 'https://calendar.example',
  files: 'https://files.example',
} as const;
export type TestApiName = keyof typeof audiences;
export const apiNames = Object.keys(audiences) as TestApiName[];

const permission = (scope: string) => ({ scope, title: scope, detail: 'In words.' });

const declared = {
  apis: {
    main: { baseUrl: 'API_BASE_URL' },
    calendar: { baseUrl: 'CALENDAR_BASE_URL', audience: 'CALENDAR_AUDIENCE', scopes: ['read:events'] },
    files: { baseUrl: 'FILES_BASE_URL', audience: audiences.files, scopes: ['read:files', 'write:files'] },
  },
  permissions: ['read:contacts', 'read:events', 'read:files', 'write:files'].map(permission),
} as const satisfies Partial<Declaration>;

/** `read:events` is a permission of two of them. */
export const sharedScope = {
  apis: { ...declared.apis, files: { ...declared.apis.files, scopes: ['read:events', 'read:files'] } },
};

export function declareThreeApis(
  changes: Readonly<Record<string, string | undefined>> = {},
  declaration: Partial<Declaration> = {},
): void {
  const env = {
    AUTH_AUDIENCE: audiences.main,
    CALENDAR_AUDIENCE: audiences.calendar,
    CALENDAR_BASE_URL: 'https://calendar.example',
    FILES_BASE_URL: 'https://files.example',
  };
  setEnvironment({ ...env, ...changes }, { ...declared, ...declaration });
}

/** What was granted to a user who consented to everything. */
export const allScopes = [
  ...['openid', 'profile', 'email', 'offline_access'],
  ...declared.permissions.map(({ scope }) => scope),
];

export type StrictServer = {
  /** For which audience each refresh token was sent, in order. */
  sent: { refreshToken: string; audience: string }[];
  /** How many refresh tokens came a second time. */
  reused: () => number;
};

/**
 * Responds to every refresh with the next refresh token, and with an access token that says for which audience
 * it is and how many there were before. A refresh token that comes again gets `invalid_grant`.
 */
export function rotateStrictly(server: TokenEndpoint): StrictServer {
  const sent: StrictServer['sent'] = [];
  let newest = 'refresh-1';
  let reused = 0;
  server.onTokenRequest = ({ form, respond }) => {
    const refreshToken = form.get('refresh_token') ?? '';
    const audience = form.get('resource') ?? 'none';
    if (refreshToken !== newest) {
      reused += 1;
      return respond({ error: 'invalid_grant' }, 400);
    }
    sent.push({ refreshToken, audience });
    newest = `refresh-${sent.length + 1}`;
    respond({
      access_token: `${audience}#${sent.length}`,
      token_type: 'Bearer',
      expires_in: 300,
      refresh_token: newest,
      ...(form.has('scope') ? { scope: form.get('scope') } : {}),
    });
  };
  return { sent, reused: () => reused };
}
