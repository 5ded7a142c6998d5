/**
 * A platform that gives its workloads a token in a file, as Kubernetes does, and an authorization server that trusts
 * it: the stock server behind a check of that token. @see RFC 7523 §3
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair, jwtVerify, SignJWT } from 'jose';
import type { StockServerOptions } from './stock-server.ts';

export type Platform = {
  file: string;
  issuer: string;
  subject: string;
  /** Replaces the token as Kubernetes does: the path stays, and the link behind it leads elsewhere. */
  write(audience: string, lifetimeSec?: number): Promise<string>;
  writeText(text: string): void;
  remove(): void;
  /** Lets the server take what the platform signed for it, in place of the client's secret. */
  trust: (secret: string) => NonNullable<StockServerOptions['before']>;
  close(): void;
};

const authenticated = ['/request', '/token', '/token/revocation'];

export async function startPlatform(): Promise<Platform> {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-platform-'));
  const file = join(folder, 'token');
  const [issuer, subject] = ['https://platform.example', 'system:serviceaccount:apps:strongroom'];
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  let count = 0;

  function writeText(text: string): void {
    count += 1;
    const data = join(folder, `..data_${count}`);
    mkdirSync(data);
    writeFileSync(join(data, 'token'), text);
    symlinkSync(join(data, 'token'), `${file}.next`);
    renameSync(`${file}.next`, file);
  }

  return {
    file,
    issuer,
    subject,
    writeText,
    async write(audience, lifetimeSec = 3_600) {
      const expiresAtSec = Math.floor(Date.now() / 1000) + lifetimeSec;
      const claims = new SignJWT({ marker: count }).setProtectedHeader({ alg: 'ES256', kid: 'platform' });
      const about = claims.setIssuer(issuer).setSubject(subject).setAudience(audience);
      const token = await about.setIssuedAt().setExpirationTime(expiresAtSec).sign(privateKey);
      writeText(token);
      return token;
    },
    remove: () => rmSync(file),
    trust: (secret) => async (ctx, next) => {
      if (ctx.method !== 'POST' || !authenticated.includes(ctx.path)) return next();
      let text = '';
      for await (const chunk of ctx.req) text += chunk;
      const {
        client_assertion = '',
        client_assertion_type,
        ...form
      } = Object.fromEntries(new URLSearchParams(text));
      const options = { issuer, subject, audience: `${ctx.protocol}://${ctx.host}` };
      const isTrusted = await jwtVerify(client_assertion, publicKey, options).then(
        () => client_assertion_type === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        () => false,
      );
      if (!isTrusted) {
        ctx.status = 401;
        ctx.body = { error: 'invalid_client' };
        return;
      }
      // What comes after has a secret for this client, which it never gave to anybody.
      Object.assign(ctx.req, { body: { ...form, client_secret: secret } });
      await next();
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}
