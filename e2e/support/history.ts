/**
 * Steps through the history of a browser. When its scripts are there, the router of a page replaces the entry of the history; a driver
 * that has asked for a step back meanwhile takes that for the step, and its next step aborts the one that is under way.
 */
import type { BrowserContext, Page } from '@playwright/test';

declare global {
  var hasRouter: boolean | undefined;
}

/** From now on pages remember whether their router has done so. */
export async function watchRouters(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const replace = history.replaceState.bind(history);
    history.replaceState = (...entry) => {
      replace(...entry);
      globalThis.hasRouter = true;
    };
  });
}

/** One step back or forward from a page of the application, to wherever it leads. */
export async function step(page: Page, direction: 'goBack' | 'goForward'): Promise<void> {
  await page.waitForFunction(() => globalThis.hasRouter === true || document.scripts.length === 0);
  await page[direction]();
}
