import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ArtifactStore } from './artifacts.ts';
import { createArtifactStore } from './artifacts.ts';
import { openDatabase } from './database.ts';

let folder: string;
let database: ReturnType<typeof openDatabase>;
let clock: { sec: number };
let artifacts: ArtifactStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'artifacts-'));
  database = openDatabase(folder);
  clock = { sec: 1000 };
  artifacts = createArtifactStore(database, () => clock.sec);
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

it('keeps what is saved and finds sessions by their uid', async () => {
  const sessions = artifacts.adapterFor('Session');
  await sessions.upsert('id', { uid: 'uid', accountId: 'somebody' }, 60);
  expect(await sessions.find('id')).toEqual({ uid: 'uid', accountId: 'somebody' });
  expect(await sessions.findByUid('uid')).toEqual({ uid: 'uid', accountId: 'somebody' });
  expect(await artifacts.adapterFor('Grant').find('id')).toBeUndefined();
});

it('RFC 9700 §4.14.2: the second of two that use one token ends the family, whatever each had read before', async () => {
  const tokens = artifacts.adapterFor('RefreshToken');
  const grants = artifacts.adapterFor('Grant');
  await grants.upsert('grant', {}, 60);
  await tokens.upsert('old', { grantId: 'grant' }, 60);
  await tokens.upsert('new', { grantId: 'grant' }, 60);
  await tokens.upsert('foreign', { grantId: 'other' }, 60);
  await tokens.consume('old');
  expect(await tokens.find('old')).toMatchObject({ consumed: 1000 });
  await expect(tokens.consume('old')).rejects.toMatchObject({ error: 'invalid_grant' });
  expect(await tokens.find('new')).toBeUndefined();
  expect(await grants.find('grant')).toBeUndefined();
  expect(await tokens.find('foreign')).toBeDefined();
});

it('prunes what expired, a minute after the library stops accepting it', async () => {
  const codes = artifacts.adapterFor('AuthorizationCode');
  await codes.upsert('code', {}, 60);
  clock.sec += 119;
  expect(artifacts.prune()).toBe(0);
  clock.sec += 2;
  expect(artifacts.prune()).toBe(1);
  expect(await codes.find('code')).toBeUndefined();
});
