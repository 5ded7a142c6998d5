/**
 * A complete environment for tests, and a process that remembers nothing of the test before. Test support
 * only.
 */
import { type Declaration, setDeclaration } from '../config/declaration';
import { listVariables } from '../config/variables';
import { testDeclaration } from './declaration';

export const goodEnvironment: Readonly<Record<string, string>> = {
  AUTH_URL: 'https://app.example',
  AUTH_SECRET: '1:mQ7vT2xK9pL4wR8nB3cY6zH1jF5sD0gA',
  AUTH_ISSUER: 'https://issuer.example',
  AUTH_CLIENT_ID: 'client-1',
  AUTH_CLIENT_SECRET: 'kT5bW9qN2rV7xM4p',
  API_BASE_URL: 'https://api.example',
  LOG_LEVEL: 'silent',
};

/** Makes the next `getConfig` read this environment; a variable set to undefined is left out. */
export function useEnvironment(
  changes: Readonly<Record<string, string | undefined>> = {},
  declaration: Partial<Declaration> = {},
): void {
  forgetProcessSingletons();
  setDeclaration({ ...testDeclaration, ...declaration });
  for (const { name } of listVariables(testDeclaration)) delete process.env[name];
  for (const [name, value] of Object.entries({ ...goodEnvironment, ...changes })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/**
 * A process that was started again: everything that lib/strongroom/base/process-singleton.ts keeps is gone.
 */
export function forgetProcessSingletons(): void {
  const shared = globalThis as { [key: symbol]: unknown };
  for (const key of Object.getOwnPropertySymbols(globalThis))
    if (Symbol.keyFor(key)?.startsWith('strongroom.')) delete shared[key];
  setDeclaration(testDeclaration);
}
