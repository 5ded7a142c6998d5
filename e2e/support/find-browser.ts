/** An installed Chromium or Chrome, or null for Playwright's own. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';

const whole = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The headless shell first: it starts and draws in half the time. */
export function findBrowser(): string | null {
  return find(['chromium-headless-shell', ...whole]);
}

/** One with all that users have; the headless shell lacks a part. */
export function findWholeBrowser(): string | null {
  return find(whole);
}

/** With CI=true a missing one is a failure; elsewhere its tests are skipped, and say so. */
export function hasWholeBrowser(): boolean {
  if (findWholeBrowser() !== null || existsSync(chromium.executablePath())) return true;
  if (process.env.CI === 'true')
    throw new Error('Chromium is not installed as a whole; with CI=true that is a failure.');
  console.warn('Chromium is not installed as a whole: what needs it is skipped.');
  return false;
}

function find(names: readonly string[]): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find((candidate) => existsSync(candidate)) ?? null;
}
