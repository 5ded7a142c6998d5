/** The rendering of one page for tests: what React remembers while it renders. Test support only. */

type Slots = Map<unknown, unknown>;
let slots: Slots = new Map();

/** Another page begins to render. */
export function renderAnew(): void {
  slots = new Map();
}

/** Stands in for React's `cache`, which remembers nothing outside of its own renderer. */
export function cache<T>(create: () => T): () => T {
  return () => {
    if (!slots.has(create)) slots.set(create, create());
    return slots.get(create) as T;
  };
}
