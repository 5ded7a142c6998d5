/**
 * A failure in words: what happened, what was kept, what to do, and a number that is also in the log.
 */
import { html } from 'hono/html';
import { renderPage } from './layout.ts';

export type Problem = { title: string; whatHappened: string; whatToDo: string };

export function renderProblemPage(problem: Problem, reference: string, appUrl: string): Promise<string> {
  return renderPage(
    problem.title,
    html`<h1>${problem.title}</h1>
<p role="alert">${problem.whatHappened}</p>
<p>${problem.whatToDo}</p>
<p><a href="${appUrl}">Go to ${appUrl}</a></p>
<p class="hint">Reference <code>${reference}</code></p>`,
  );
}
