/**
 * For tests: the application's side of the protocol, written out as plain requests.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { SampleSecrets } from '../../secrets.ts';
import type { SampleSettings } from '../../settings.ts';

export type TokenAnswer = { status: number; body: Record<string, unknown> };

const everyScope = 'openid profile email offline_access read:contacts read:messages write:messages';

export class RelyingParty {
  readonly settings: SampleSettings;
  readonly redirectUri: string;
  readonly #secrets: SampleSecrets;
  readonly #verifier = randomBytes(32).toString('base64url');

  constructor(settings: SampleSettings, secrets: SampleSecrets) {
    this.settings = settings;
    this.#secrets = secrets;
    this.redirectUri = `${settings.appUrl}/auth/callback/provider`;
  }

  /** Parameters of an authorization request; `undefined` removes one. */
  parameters(changes: Record<string, string | undefined> = {}): URLSearchParams {
    const challenge = createHash('sha256').update(this.#verifier).digest('base64url');
    const all = {
      client_id: this.#secrets.clientId,
      response_type: 'code',
      redirect_uri: this.redirectUri,
      scope: everyScope,
      state: 'state-of-the-test',
      nonce: 'nonce-of-the-test',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...changes,
    };
    return new URLSearchParams(
      Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  }

  authorizationUrl(changes: Record<string, string | undefined> = {}): string {
    return `/authorize?${this.parameters(changes)}`;
  }

  post(path: string, fields: Record<string, string> | URLSearchParams, extra: Record<string, string> = {}) {
    const { clientId, clientSecret } = this.#secrets;
    const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    return fetch(`${this.settings.issuer}${path}`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { ...extra, Authorization: `Basic ${credentials}` },
    });
  }

  exchange(code: string, headers: Record<string, string> = {}): Promise<TokenAnswer> {
    const fields = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.redirectUri,
      code_verifier: this.#verifier,
    };
    return this.#token(fields, headers);
  }

  refresh(refreshToken: unknown): Promise<TokenAnswer> {
    return this.#token({ grant_type: 'refresh_token', refresh_token: String(refreshToken) });
  }

  async #token(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<TokenAnswer> {
    const response = await this.post('/oauth/token', fields, headers);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
}
