/**
 * The one way from an error to a page. The page has words of our own and a reference; the log has the cause.
 */
import { randomBytes } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Log } from './log.ts';
import type { Problem } from './pages/problem.ts';
import { renderProblemPage } from './pages/problem.ts';

const startAgain = 'Go back to Strongroom and sign in again.';

const gone: Problem = {
  title: 'This sign-in is no longer open',
  whatHappened: 'It was finished or cancelled, or it waited for more than an hour. Nothing was changed.',
  whatToDo: startAgain,
};
const foreignForm: Problem = {
  title: 'This form came from somewhere else',
  whatHappened: 'Harbour ID accepts only forms from its own pages. Nothing was changed.',
  whatToDo: startAgain,
};
const badRequest: Problem = {
  title: 'This request cannot be answered',
  whatHappened: 'The application asked in a way that Harbour ID does not accept. Nothing was changed.',
  whatToDo:
    'Go back and try again. If it happens again, tell the developer of the application the reference.',
};
const notFound: Problem = {
  title: 'There is no such page',
  whatHappened: 'Nothing is kept at this address.',
  whatToDo: 'Go back to Strongroom.',
};
const fault: Problem = {
  title: 'Harbour ID failed',
  whatHappened: 'Something broke on this side. You stay signed in where you were.',
  whatToDo: 'Wait a moment and try again.',
};

const problems: Record<string, Problem> = {
  SessionNotFound: gone,
  ForeignForm: foreignForm,
  InvalidRedirectUri: {
    ...badRequest,
    whatHappened:
      'The application wants you to return to an address that is not registered for it. You stay here.',
  },
  InvalidClient: {
    ...badRequest,
    whatHappened: 'The application is not known to Harbour ID. Nothing was changed.',
  },
};

function chooseProblem(name: string, status: number): Problem {
  return problems[name] ?? (status === 404 ? notFound : status >= 500 ? fault : badRequest);
}

export type ShowProblem = (ctx: Context | KoaContextWithOIDC, error: Error, status: number) => Promise<void>;

export function createProblemPages(appUrl: string, log: Log): ShowProblem {
  return async function showProblem(ctx, error, status) {
    const reference = randomBytes(4).toString('hex');
    const reason = 'error_description' in error ? String(error.error_description) : error.message;
    const stack = status >= 500 ? error.stack : undefined;
    log('problem_shown', { reference, status, name: error.name, reason, stack });
    ctx.status = status;
    ctx.type = 'html';
    ctx.body = await renderProblemPage(chooseProblem(error.name, status), reference, appUrl);
  };
}

/** Errors of our own pages, and addresses that nobody answers. */
export function catchProblems(showProblem: ShowProblem): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      await showProblem(
        ctx,
        cause,
        'status' in cause && typeof cause.status === 'number' ? cause.status : 500,
      );
      return;
    }
    if (ctx.status === 404 && ctx.body === undefined) await showProblem(ctx, new Error('no such page'), 404);
  };
}
