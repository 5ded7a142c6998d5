/**
 * The frame of every page of Harbour ID. Values are escaped by `html`; nothing here runs a script.
 */
import { html } from 'hono/html';

export type Markup = ReturnType<typeof html>;

export async function renderPage(title: string, main: Markup): Promise<string> {
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – Harbour ID</title>
<link rel="stylesheet" href="/assets/style.css">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
</head>
<body>
<header>
<p class="brand">${mark}<span>Harbour ID</span></p>
<p class="banner"><strong>Demo</strong> Invented people only.</p>
</header>
<main>
${main}
</main>
</body>
</html>
`;
  return String(page);
}

const lighthouse =
  'M9.5 9 8 21h8L14.5 9zM9.5 9V5.5L12 3l2.5 2.5V9M8 9h8M4 5l3 1M4 9.5l3-1M20 5l-3 1M20 9.5l-3-1M5 21h14M8.8 15h6.4';

/** A lighthouse: decoration, so it is hidden from screen readers. */
const mark = html`<svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" fill="none" stroke="currentColor"
stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round"><path d="${lighthouse}"/></svg>`;

/** The same mark for the browser's tab. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#9a7420"
stroke-width="1.75" stroke-linejoin="round" stroke-linecap="round"><path d="${lighthouse}"/></svg>`;
