/**
 * What the lying server expects of every request of the application, whatever the case is about. It notes
 * what is wrong and goes on.
 */
import { createHash, type JsonWebKey } from 'node:crypto';
import type { ReceivedRequest } from './listener.ts';
import { checkAssertion, checkProof, type Proof } from './proofs.ts';

export type Client = {
  id: string;
  secret: string;
  /** Whether id and secret are form-encoded in Basic credentials. @see RFC 6749 §2.3.1 */
  isEncoded?: boolean;
  redirectUri: string;
  audience: string;
  /** The public key of a client that authenticates with assertions, and their one audience. */
  assertion?: { key: JsonWebKey; issuer: string };
};

const formType = 'application/x-www-form-urlencoded';

export class Oracle {
  readonly breaches: string[] = [];
  readonly #client: Client;
  /** Every state, nonce, challenge, verifier and code so far: each may be sent once. */
  readonly #shown = new Set<string>();
  readonly #challenges = new Set<string>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** @see RFC 6749 §4.1.1, RFC 7636 §4.3, OIDC Core §3.1.2.1, RFC 8707 §2 */
  validateAuthorization(request: URLSearchParams): void {
    const { id, redirectUri, audience } = this.#client;
    const expected = {
      response_type: 'code',
      client_id: id,
      redirect_uri: redirectUri,
      code_challenge_method: 'S256',
      resource: audience,
    };
    for (const [name, value] of Object.entries(expected))
      this.#expect(
        request.getAll(name).join() === value,
        `authorization request: ${name} is ${request.getAll(name)}`,
      );
    this.#expect(request.get('scope')?.split(' ').includes('openid') === true, 'no scope openid');
    this.#expect(!request.has('request') && !request.has('request_uri'), 'a request object');
    for (const name of ['state', 'nonce', 'code_challenge'])
      this.#expectFresh(name, request.get(name), name === 'state' ? 22 : 43);
    this.#challenges.add(request.get('code_challenge') ?? '');
  }

  /** Checks what the browser carries after the request was pushed. @see RFC 9126 §4 */
  validateReference(query: URLSearchParams): void {
    const names = [...query.keys()].toSorted().join(' ');
    this.#expect(names === 'client_id request_uri', `the browser carries ${names}`);
  }

  /** @returns whether the client has authenticated itself. @see RFC 6749 §2.3.1, §3.2 */
  validateClient(request: ReceivedRequest): boolean {
    const { method, url, headers, body } = request;
    const what = `${method} ${url.pathname}`;
    const form = new URLSearchParams(body);
    this.#expect(method === 'POST', `${what}: not a POST`);
    this.#expect(headers['content-type']?.split(';')[0] === formType, `${what}: not a form`);
    this.#expect(url.search === '', `${what}: a query`);
    for (const name of new Set(form.keys()))
      this.#expect(form.getAll(name).length === 1, `${what}: ${name} is repeated`);
    if (this.#client.assertion !== undefined) return this.#validateAssertion(request, form);
    const basic = readBasic(headers.authorization, this.#client.isEncoded === true);
    const methods = [basic, readPost(form)].filter((shown) => shown !== null);
    this.#expect(methods.length === 1, `${what}: ${methods.length} methods of client authentication`);
    const isKnown = methods[0]?.id === this.#client.id && methods[0].secret === this.#client.secret;
    this.#expect(isKnown, `${what}: the client is not the one that it claims to be`);
    return isKnown;
  }

  #validateAssertion({ url, headers }: ReceivedRequest, form: URLSearchParams): boolean {
    const { id, assertion } = this.#client;
    if (assertion === undefined) return false;
    const { faults, jti } = checkAssertion(form, { id, ...assertion });
    this.#expect(headers.authorization === undefined, `${url.pathname}: an assertion and a header`);
    for (const fault of faults) this.#expect(false, `${url.pathname}: the assertion lacks ${fault}`);
    this.#expectFresh('the id of an assertion', jti, 16);
    return faults.length === 0;
  }

  /**
   * @param token the access token that comes with it; null at the token endpoint
   * @returns what of the proof the server goes on with; null where there is none. @see RFC 9449 §4.3
   */
  validateProof(
    { method, url, headers }: ReceivedRequest,
    origin: string,
    token: string | null,
  ): Proof | null {
    const { dpop } = headers;
    if (typeof dpop !== 'string') return null;
    const address = origin + url.pathname;
    const { faults, jti, proof } = checkProof(dpop, { method, address, token });
    for (const fault of faults) this.#expect(false, `${url.pathname}: the proof lacks ${fault}`);
    this.#expectFresh('the id of a proof', jti, 16);
    return proof;
  }

  /** @see RFC 6749 §4.1.3, RFC 7636 §4.5 */
  validateExchange(form: URLSearchParams): void {
    const verifier = form.get('code_verifier') ?? '';
    this.#expect(form.get('redirect_uri') === this.#client.redirectUri, 'exchange: another redirect_uri');
    this.#expect(form.get('resource') === this.#client.audience, 'exchange: no resource');
    this.#expect(
      this.#challenges.has(challengeOf(verifier)),
      'exchange: the verifier belongs to no challenge',
    );
    this.#expectFresh('verifier', verifier, 43);
    this.#expectFresh('code', form.get('code'), 1);
  }

  validateRefresh(form: URLSearchParams): void {
    this.#expect(form.get('resource') === this.#client.audience, 'refresh: no resource');
    this.#expect(form.get('refresh_token') !== null, 'refresh: no token');
  }

  /** A token is sent in its header and nowhere else. @see RFC 6750 §2 */
  validateBearer({ url, headers, body }: ReceivedRequest, isKnown: boolean): void {
    const scheme = headers.dpop === undefined ? 'Bearer' : 'DPoP';
    const shown = headers.authorization ?? '';
    this.#expect(
      shown.startsWith(`${scheme} `) && !shown.slice(scheme.length + 1).includes(' '),
      `${url.pathname}: no ${scheme} token`,
    );
    this.#expect(isKnown, `${url.pathname}: a token that was never issued`);
    this.#expect(
      !`${url.search}${body}`.includes('access_token'),
      `${url.pathname}: a token outside its header`,
    );
  }

  #expectFresh(name: string, value: string | null, minChars: number): void {
    this.#expect((value ?? '').length >= minChars, `${name} is too short`);
    this.#expect(!this.#shown.has(value ?? ''), `${name} is sent twice`);
    this.#shown.add(value ?? '');
  }

  #expect(isTrue: boolean, breach: string): void {
    if (!isTrue) this.breaches.push(breach);
  }
}

export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function readBasic(header: string | undefined, isEncoded: boolean): { id: string; secret: string } | null {
  if (header === undefined) return null;
  const text = Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
  const [id = '', ...rest] = text.split(':');
  const decode = isEncoded ? decodeForm : String;
  return { id: decode(id), secret: decode(rest.join(':')) };
}

function readPost(form: URLSearchParams): { id: string; secret: string } | null {
  const secret = form.get('client_secret');
  return secret === null ? null : { id: form.get('client_id') ?? '', secret };
}

/** Decodes one value that is encoded as in a form. */
function decodeForm(text: string): string {
  return new URLSearchParams(`x=${text}`).get('x') ?? '';
}
