/**
 * The page for a request that the server guard rejects before any page of the application runs: small,
 * complete in one file, and in the application's own words. `instrumentation.ts` hands it to the guard. Pure.
 */
import type { RejectionPage } from 'strongroom/server';
import { productName } from '@/lib/places';

type Rejection = Parameters<RejectionPage['render']>[0];

type Words = { title: string; happened: string; todo: string };

const words: Readonly<Record<Rejection['status'], Words>> = {
  400: {
    title: 'This request can’t be read',
    happened: 'It breaks the rules that browsers and servers share.',
    todo: 'Open the page again from the start.',
  },
  405: {
    title: 'This is not offered here',
    happened: `${productName} does not answer this kind of request at this address.`,
    todo: 'Open the page in a browser.',
  },
  408: {
    title: 'The request took too long',
    happened: 'It did not arrive in time.',
    todo: 'Check your connection and try again.',
  },
  409: {
    title: 'This form is from an older version',
    happened: `${productName} was updated after you opened the page.`,
    todo: 'Go back and copy what you wrote. Then load the page again and send it from there.',
  },
  411: {
    title: 'The size of this form is not known',
    happened: 'The request did not say how long it is.',
    todo: 'Send the form with a browser. A proxy on the way may have left the length out.',
  },
  413: {
    title: 'This form is too large',
    happened: `You sent more than ${productName} takes at once.`,
    todo: 'Go back and send less at once.',
  },
  414: {
    title: 'This address is too long',
    happened: `${productName} has no page with such an address.`,
    todo: 'Start from the home page.',
  },
  417: {
    title: 'This request can’t be answered',
    happened: `It expects something that ${productName} does not offer.`,
    todo: 'Open the page in a browser.',
  },
  421: {
    title: `This is not the address of ${productName}`,
    happened: 'You reached the server under another name, where you are not signed in.',
    todo: 'Use the address below.',
  },
  429: {
    title: 'Too many pages at once',
    happened: `More was asked for from your network than ${productName} answers in a minute.`,
    todo: 'Wait a minute, then open the page again.',
  },
  431: {
    title: 'Your browser sent too much at once',
    happened: `Its cookies for this host are larger than a server takes. Those of ${productName} fit.`,
    todo: 'Delete the cookies of this site in your browser, then sign in again.',
  },
};

/** The look of app/globals.css, as far as one file can hold it. */
const style = [
  ':root{color-scheme:light dark}',
  'body{margin:0 auto;padding:4rem 1.25rem;max-width:60rem;background:light-dark(#fafaf8,#12161e);color:light-dark(#171c26,#eceae3);font:1rem/1.5 system-ui,sans-serif}',
  'h1{margin:0 0 1.75rem;padding-bottom:1.25rem;border-bottom:3px double;font-size:2rem;line-height:1.2;letter-spacing:-.02em}',
  'p{margin:.5rem 0}a{display:inline-block;padding:.625rem 0;color:inherit}small{font-size:.875rem}',
].join('');

function render({ status, reference, appUrl }: Rejection): string {
  const { title, happened, todo } = words[status];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>${title} · ${productName}</title>
<style>${style}</style>
<main><h1>${title}</h1>
<p>${happened}</p>
<p>Nothing was changed, and you were not signed out.</p>
<p>${todo}</p>
<p><a href="${appUrl}">${appUrl}</a></p>
<p><small>Reference ${reference}</small></p></main>
</html>
`;
}

export const rejectionPage: RejectionPage = { style, render };
