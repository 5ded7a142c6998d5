/** The page for a rejected request where the adopter has none. Pure. */
import { plainStyle, renderPlainDocument } from '../base/plain-document';
import type { RejectionPage, RejectionStatus } from './rejection';

const words: Readonly<Partial<Record<RejectionStatus, string>>> = {
  408: 'It did not arrive in time. Check your connection and try again.',
  409: 'The form is from an older version. Go back and copy what you wrote, then load the page again.',
  413: 'It is too large. Go back and send less at once.',
  421: 'This is not the address of this site. Use the one below.',
  429: 'More was asked for from your network than is answered in a minute. Wait a minute.',
  431: 'Your browser sent too much at once. Delete the cookies of this site, then sign in again.',
};

export function plainRejectionPage(productName: string): RejectionPage {
  return {
    style: plainStyle,
    render: ({ status, reference, appUrl }) =>
      renderPlainDocument({
        productName,
        heading: 'This request can’t be answered',
        texts: [
          words[status] ?? 'It breaks the rules that browsers and servers share.',
          'Nothing was changed, and you were not signed out.',
        ],
        links: [{ name: appUrl, address: appUrl }],
        note: `Reference ${reference}`,
      }),
  };
}
