/** The page for a request that never reaches a page of the application: small, by itself, and in the same words. Pure. */
import { fixedHeaders, privateCacheControl } from '../base/security-headers';

type Words = {
  title: string;
  happened: string;
  /** What was kept, when it is not simply everything. */
  kept?: string;
  todo: string;
};

const words: Readonly<Record<number, Words>> = {
  400: {
    title: 'This request can’t be read',
    happened: 'It is not written as the web’s rules say.',
    todo: 'Open the page again from the start.',
  },
  403: {
    title: 'This is not for you to open',
    happened: 'The address is for pages of this site, or only for users who may see it.',
    todo: 'Start from the home page.',
  },
  405: {
    title: 'This is not offered here',
    happened: 'This site does not answer requests of this kind.',
    todo: 'Open the page in a browser.',
  },
  408: {
    title: 'The request took too long',
    happened: 'It did not arrive in time.',
    todo: 'Check your connection and try again.',
  },
  409: {
    title: 'This page is out of date',
    happened: 'This site was updated while the page was open, and could not take what it sent.',
    todo: 'Go back, copy what you typed, and load the page again.',
  },
  411: {
    title: 'The size of this form is not known',
    happened: 'What was sent did not say how long it is.',
    todo: 'Send it with a browser. A proxy on the way may have left the length out.',
  },
  413: {
    title: 'That is more than fits',
    happened: 'What was sent is larger than this site takes.',
    todo: 'Go back and send less at once.',
  },
  414: {
    title: 'This address is too long',
    happened: 'This site has no page with such an address.',
    todo: 'Start from the home page.',
  },
  421: {
    title: 'This is not the address of this site',
    happened: 'The server was reached under another name, where nobody is signed in.',
    todo: 'Use the address below.',
  },
  431: {
    title: 'Your browser sent too much at once',
    happened: 'Its cookies for this host are larger than a server takes. Those of this site alone would fit.',
    todo: 'Delete the cookies of this site in your browser, then sign in again.',
  },
  500: {
    title: 'This page could not be shown',
    happened: 'Something went wrong on our side.',
    kept: 'Nobody was signed out. If you sent something, look whether it arrived before you send it again.',
    todo: 'Try again in a minute.',
  },
};

const everythingKept = 'Nothing was changed, and nobody was signed out.';

function wordsOf(status: number): Words {
  if (status === 401) return words[403] as Words;
  return words[status] ?? ((status < 500 ? words[400] : words[500]) as Words);
}

/** The look of app/globals.css, in what one file can hold. */
export const rejectionStyle = [
  ':root{color-scheme:light dark}',
  'body{margin:0 auto;padding:4rem 1.25rem;max-width:60rem;background:light-dark(#fafaf8,#12161e);color:light-dark(#171c26,#eceae3);font:1rem/1.5 system-ui,sans-serif}',
  'h1{margin:0 0 1.75rem;padding-bottom:1.25rem;border-bottom:3px double;font-size:2rem;line-height:1.2;letter-spacing:-.02em}',
  'p{margin:.5rem 0}a{display:inline-block;padding:.625rem 0;color:inherit}small{font-size:.875rem}',
].join('');

type Rejection = {
  status: number;
  reference: string;
  /** The application's own, for the way home. */
  appOrigin: string;
  productName: string;
};

export function rejectionPage({ status, reference, appOrigin, productName }: Rejection): string {
  const { title, happened, kept = everythingKept, todo } = wordsOf(status);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>${title} · ${productName}</title>
<style>${rejectionStyle}</style>
<main><h1>${title}</h1>
<p>${happened}</p>
<p>${kept}</p>
<p>${todo}</p>
<p><a href="${appOrigin}/">${appOrigin}</a></p>
<p><small>Reference ${reference}</small></p></main>
</html>
`;
}

/** The codes of lib/strongroom/bff/gateway/problem.ts, where it has the status. */
const codes: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  404: 'not_found',
  401: 'login_required',
  403: 'access_denied',
  405: 'method_not_allowed',
  413: 'body_too_large',
  500: 'internal_error',
};

/** The same for software. @param phrase that of the status, as `about:blank` wants it. @see RFC 9457 §4.2.1 */
export function rejectionProblem({ status, reference }: Rejection, phrase: string): string {
  const { happened: detail } = wordsOf(status);
  const code = codes[status] ?? 'request_rejected';
  return JSON.stringify({ type: 'about:blank', title: phrase, code, status, detail, reference });
}

type Answer = { isHttps: boolean; styleHash: string; isJson: boolean };

export function rejectionHeaders({ isHttps, styleHash, isJson }: Answer): Record<string, string> {
  return {
    'Content-Type': isJson ? 'application/problem+json; charset=utf-8' : 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'${isJson ? '; sandbox' : ''}`,
    'Cache-Control': privateCacheControl,
    Vary: 'Cookie',
    ...fixedHeaders({ isHttps, path: '/auth/' }),
  };
}
