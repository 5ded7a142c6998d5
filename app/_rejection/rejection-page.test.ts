import { expect, it } from 'vitest';
import { productName } from '@/lib/places';
import { rejectionStatuses } from '@/lib/strongroom/server/rejection';
import { rejectionPage } from './rejection-page';

it.each(rejectionStatuses)(
  'the page for status %i says what happened, what was kept, what to do, and its reference',
  (status) => {
    const html = rejectionPage.render({ status, reference: 'ABCD-2345', appUrl: 'https://app.example' });
    const [, title = ''] = /<h1>(.+)<\/h1>/.exec(html) ?? [];
    expect(html).toContain(`<title>${title} · ${productName}</title>`);
    expect(html.match(/<p>[A-Z][^<]+\.<\/p>/g)).toHaveLength(3);
    expect(html).toContain('Nothing was changed, and you were not signed out.');
    expect(html).toContain('<a href="https://app.example">');
    expect(html).toContain('Reference ABCD-2345');
  },
);

it('a rejection page has one style sheet, the one whose hash its policy allows, and no script', () => {
  const html = rejectionPage.render({ status: 400, reference: '', appUrl: 'https://app.example' });
  expect(html.match(/<style>(.*?)<\/style>/gs)).toEqual([`<style>${rejectionPage.style}</style>`]);
  expect(html).not.toMatch(/<script|\s(?:style|on\w+)=/);
});
