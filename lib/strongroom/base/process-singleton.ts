/**
 * Values that live as long as the process and are shared by everything in it. The server guard and the pages are
 * separate bundles with separate module state: `globalThis` is what they have in common.
 */

/** The value under `name`, made by `create` the first time. */
export function processSingleton<T>(name: string, create: () => T): T {
  const key = Symbol.for(`strongroom.${name}`);
  const shared = globalThis as { [key: symbol]: unknown };
  if (!(key in shared)) shared[key] = create();
  return shared[key] as T;
}
