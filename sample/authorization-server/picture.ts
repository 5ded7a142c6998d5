/**
 * The picture of an account: its initials on a tinted ground.
 */
import { html } from 'hono/html';
import type { Account } from './accounts.ts';

const grounds = ['#2f5d62', '#7a4b2a', '#4b4a7d'] as const;

export async function drawPicture(account: Account, position: number): Promise<string> {
  const ground = grounds[position % grounds.length];
  const svg =
    await html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96" role="img"
  aria-label="${account.name}"><rect width="96" height="96" fill="${ground}"/><text x="48" y="50" fill="#fff"
  font-family="Georgia, 'Times New Roman', serif" font-size="36" text-anchor="middle"
  dominant-baseline="middle">${initialsOf(account.name)}</text></svg>`;
  return String(svg);
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return words
    .map((word) => word[0]?.toUpperCase())
    .join('')
    .slice(0, 2);
}
