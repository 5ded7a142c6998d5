import { getActionEncryptionKey } from 'next/dist/server/app-render/encryption-utils';
import { afterEach, expect, it } from 'vitest';
import { forgetProcessSingletons, useEnvironment } from '../testing/environment';
import { deriveActionKey, setActionKey } from './action-key';
import { listConfigProblems } from './config';

const [older, newer] = ['mQ7vT2xK9pL4wR8nB3cY6zH1jF5sD0gA', 'Zx3cV5bN7mK1lJ9hG2fD4sA6qW8eR0tY'];
const variable = 'NEXT_SERVER_ACTIONS_ENCRYPTION_KEY';
const ownKey = Buffer.alloc(32, 'k').toString('base64');

const setKey = (env: Record<string, string>) => {
  useEnvironment(env);
  setActionKey();
  return process.env[variable];
};
afterEach(() => {
  useEnvironment();
  forgetProcessSingletons();
});

it('is the same in every build and instance with one AUTH_SECRET, and another one with another', () => {
  const key = setKey({ AUTH_SECRET: `1:${older}` });
  expect(Buffer.from(key ?? '', 'base64')).toHaveLength(32);
  expect(setKey({ AUTH_SECRET: `1:${older}` })).toBe(key);
  expect(setKey({ AUTH_SECRET: `1:${newer}` })).not.toBe(key);
});

it('stays while a newer secret is added', () => {
  expect(setKey({ AUTH_SECRET: `2:${newer},1:${older}` })).toBe(deriveActionKey(older));
});

it('may be configured', () => {
  expect(setKey({ [variable]: ownKey })).toBe(ownKey);
});

it.each(['short', 'a'.repeat(44), `${ownKey}=`, ownKey.replace('=', '')])('is not %s', (value) => {
  useEnvironment({ [variable]: value });
  expect(listConfigProblems()).toMatchObject([{ variable }]);
});

it('is what Next encrypts with, whatever key a build has', async () => {
  const manifests = Symbol.for('next.server.manifests');
  Object.assign(globalThis, { [manifests]: { serverActionsManifest: { encryptionKey: ownKey } } });
  const key = setKey({ AUTH_SECRET: `1:${older}` });
  const raw = await crypto.subtle.exportKey('raw', await getActionEncryptionKey());
  Reflect.deleteProperty(globalThis, manifests);
  expect(Buffer.from(raw).toString('base64')).toBe(key);
});
