import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOrCreateSecrets, sampleAccountEmails } from './secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('secrets are made once and stay', () => {
  const first = readOrCreateSecrets(folder);
  expect(Object.keys(first.passwords)).toEqual([...sampleAccountEmails]);
  expect(readOrCreateSecrets(folder)).toEqual(first);
});

test('extra people are added to secrets that are there, and nothing else changes', () => {
  const first = readOrCreateSecrets(folder);
  const second = readOrCreateSecrets(folder, 2);
  const { passwords, ...rest } = second;
  expect({ ...rest, passwords: first.passwords }).toEqual(first);
  expect(passwords).toEqual({
    ...first.passwords,
    'user001@strongroom.test': expect.any(String),
    'user002@strongroom.test': expect.any(String),
  });
  expect(readOrCreateSecrets(folder, 3)).toMatchObject({ passwords });
});

test('a smaller number removes nobody', () => {
  const many = readOrCreateSecrets(folder, 5);
  expect(readOrCreateSecrets(folder, 1)).toEqual(many);
});

test('the file is whole and its owner’s alone, with no draft left beside it', () => {
  readOrCreateSecrets(folder);
  const secrets = readOrCreateSecrets(folder, 200);
  expect(readdirSync(folder)).toEqual(['secrets.json']);
  const file = join(folder, 'secrets.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(secrets);
});

test('a file that is enough is not written again', () => {
  const secrets = readOrCreateSecrets(folder, 2);
  writeFileSync(join(folder, 'secrets.json'), JSON.stringify(secrets));
  readOrCreateSecrets(folder, 2);
  expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toBe(JSON.stringify(secrets));
});
