import { describe, expect, it } from 'vitest';
import { type ConfiguredServer, readMetadata } from './metadata-document';

const issuer = 'https://issuer.example';
const good = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
};
const server = (changes: Partial<ConfiguredServer> = {}): ConfiguredServer => ({
  issuer,
  internalUrl: null,
  endpoints: {},
  hasIdTokens: true,
  ...changes,
});
const read = (document: unknown, own = server()) => {
  const result = readMetadata(document, own);
  if (result.kind === 'rejected') throw new Error(result.reason);
  return result;
};
const rejectionOf = (document: unknown, own = server()) => {
  const result = readMetadata(document, own);
  return result.kind === 'rejected' ? result : null;
};
const reasonOf = (document: unknown, own = server()) => rejectionOf(document, own)?.reason;

describe('a metadata document', () => {
  it('DI-06: needs no optional endpoint', () => {
    expect(read(good)).toEqual({ kind: 'ok', metadata: good, leftOut: [] });
  });

  it('DI-06: keeps known members and drops unknown ones', () => {
    const document = {
      ...good,
      end_session_endpoint: `${issuer}/logout`,
      subject_types_supported: ['public'],
    };
    expect(read(document).metadata).toEqual({ ...good, end_session_endpoint: `${issuer}/logout` });
  });

  it('AZ-15: may have an endpoint with a query of its own', () => {
    const authorization_endpoint = `${issuer}/authorize?tenant=1`;
    expect(read({ ...good, authorization_endpoint }).metadata).toMatchObject({ authorization_endpoint });
  });

  it.each([
    `${issuer}1`,
    `${issuer}/`,
    'https://ISSUER.example',
    'http://issuer.example',
    'https://other.example',
    '',
  ])('DI-01: about the issuer "%s" is rejected, and the rejection names both', (other) => {
    const received = other === '' ? 'an empty text' : other;
    const expected = { kind: 'rejected', reason: 'metadata_issuer_mismatch', expected: issuer, received };
    expect(rejectionOf({ ...good, issuer: other })).toEqual(expected);
  });

  it.each([
    [null, 'metadata_document', 'null'],
    [[good], 'metadata_document', 'a list'],
    ['\u202emaintenance\n', 'metadata_document', 'maintenance'],
    [{ error: 'not_found', message: 'no such tenant' }, 'metadata_issuer', 'nothing'],
    [{ ...good, issuer: { name: issuer } }, 'metadata_issuer', 'object'],
    [{ ...good, jwks_uri: 'x'.repeat(1_000) }, 'metadata_jwks_uri', 'x'.repeat(200)],
  ])('DI-04: %j is rejected, and the log tells what is there', (document, reason, received) => {
    expect(rejectionOf(document)).toMatchObject({ reason, received });
  });

  it.each(['{tenantid}', '%7Btenantid%7D', ':tenantid', '*', 'common'])(
    'ID-15: about a template of issuers with %s is rejected: no tenant is put in, and ours is compared as text',
    async (tenant) => {
      const entra = (name: string) => `https://login.microsoftonline.com/${name}/v2.0`;
      for (const ours of ['common', 'organizations', '11111111-2222-3333-4444-555555555555'].filter(
        (name) => name !== tenant,
      )) {
        const document = { ...good, issuer: entra(tenant) };
        expect(reasonOf(document, server({ issuer: entra(ours) }))).toBe('metadata_issuer_mismatch');
      }
    },
  );

  it.each(['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri'])(
    'DI-06: without %s is rejected, and the error names it',
    async (name) => {
      expect(reasonOf({ ...good, [name]: undefined })).toBe(`metadata_${name}`);
    },
  );

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'http://issuer.example/authorize',
    'https://user@issuer.example/authorize',
    'https://user:secret@issuer.example/authorize',
    'https://issuer.example/authorize#x',
    'https://issuer.example/authorize\r\nX: y',
    ' https://issuer.example/authorize',
    '/authorize',
    'https://',
    '',
    7,
    ['https://issuer.example/authorize'],
    null,
    true,
  ])(
    'AZ-15, DI-04: the endpoint %j is rejected where it is required, and left out where it is not',
    (address) => {
      for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'])
        expect(reasonOf({ ...good, [name]: address })).toBe(`metadata_${name}`);
      for (const name of [
        'userinfo_endpoint',
        'end_session_endpoint',
        'revocation_endpoint',
        'pushed_authorization_request_endpoint',
      ])
        expect(read({ ...good, [name]: address })).toEqual({ kind: 'ok', metadata: good, leftOut: [name] });
    },
  );

  it.each([[null], ['true'], [1], [{}]])('DI-06: the flag %j is left out', (flag) => {
    const names = ['require_pushed_authorization_requests', 'authorization_response_iss_parameter_supported'];
    for (const name of names)
      expect(read({ ...good, [name]: flag })).toEqual({ kind: 'ok', metadata: good, leftOut: [name] });
  });

  it.each(['http://127.0.0.1:9/x', 'http://localhost/x', 'http://[::1]/x'])(
    'DI-05: the http endpoint %s is rejected while the issuer has https, on loopback too',
    (address) => {
      const own = 'https://localhost:8443';
      const local = {
        issuer: own,
        authorization_endpoint: `${own}/a`,
        token_endpoint: `${own}/t`,
        jwks_uri: `${own}/k`,
      };
      for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'])
        expect(rejectionOf({ ...local, [name]: address }, server({ issuer: own }))).toEqual({
          kind: 'rejected',
          reason: `metadata_${name}`,
          expected: 'an https address',
          received: address,
        });
      const left = read({ ...local, userinfo_endpoint: address }, server({ issuer: own }));
      expect(left).toEqual({ kind: 'ok', metadata: local, leftOut: ['userinfo_endpoint'] });
    },
  );

  it.each(['http://localhost:9/token', 'https://127.0.0.1/token', 'https://169.254.169.254/token'])(
    'DI-04: the endpoint %s is rejected while the issuer is public',
    async (token_endpoint) => {
      expect(reasonOf({ ...good, token_endpoint })).toBe('metadata_token_endpoint');
    },
  );

  it.each([[null], [undefined], ['<html>'], [[]], [7]])('DI-04: %j is rejected', async (document) => {
    expect(reasonOf(document)).toMatch(/^metadata_/);
  });
});

describe('an inner address of the issuer', () => {
  const own = 'https://sso.example/realms/main';
  const at = (path: string) => `https://sso.example${path}`;
  const internalUrl = 'http://keycloak:8080/inner';
  const document = {
    issuer: own,
    authorization_endpoint: at('/realms/main/auth'),
    token_endpoint: at('/realms/main/token?x=1'),
    jwks_uri: at('/other/keys'),
    userinfo_endpoint: 'http://keycloak:8080/userinfo',
    end_session_endpoint: at('/realms/main/logout'),
    revocation_endpoint: 'https://elsewhere.example/revoke',
    pushed_authorization_request_endpoint: at('/realms/mainland/par'),
  };

  it('takes the requests of ours, and none of the browser', () => {
    expect(read(document, server({ issuer: own, internalUrl })).metadata).toEqual({
      issuer: own,
      authorization_endpoint: at('/realms/main/auth'),
      token_endpoint: 'http://keycloak:8080/inner/token?x=1',
      jwks_uri: 'http://keycloak:8080/other/keys',
      userinfo_endpoint: 'http://keycloak:8080/userinfo',
      end_session_endpoint: at('/realms/main/logout'),
      revocation_endpoint: 'https://elsewhere.example/revoke',
      pushed_authorization_request_endpoint: 'http://keycloak:8080/realms/mainland/par',
    });
  });

  it('DI-05: is no place to send browsers to, and allows http nowhere else', () => {
    const inner = server({ issuer: own, internalUrl });
    const sent = { ...document, authorization_endpoint: 'http://keycloak:8080/auth' };
    expect(reasonOf(sent, inner)).toBe('metadata_authorization_endpoint');
    const other = { ...document, token_endpoint: 'http://other:8080/token' };
    expect(reasonOf(other, inner)).toBe('metadata_token_endpoint');
    expect(reasonOf({ ...document, issuer: internalUrl }, inner)).toBe('metadata_issuer_mismatch');
  });
});
