/** Where a page could lead: its links, forms, refreshes and what it loads. */
import { decodeEntities, type Page } from './http-browser.ts';

type Place = { tag: string; address: string; url: URL };

/** Everything with an address, as the browser resolves it; `mailto:` and `tel:` lead to no site. */
export function listPlaces({ html, url }: Pick<Page, 'html' | 'url'>): Place[] {
  const tags = [
    ...html.matchAll(/<(?:a|area|form|link|img|script|iframe|base|button|input|meta|object|embed)\b[^>]*>/g),
  ];
  return tags.flatMap(([tag]) => {
    const named = [...tag.matchAll(/\s(?:href|action|formAction|src|data)="([^"]*)"/gi)].map(
      ([, value = '']) => value,
    );
    const refresh = /http-equiv="refresh"/i.test(tag)
      ? [...tag.matchAll(/content="[^"]*url=([^"]*)"/gi)]
      : [];
    return [...named, ...refresh.map(([, value = '']) => value)].flatMap((value) => {
      const address = decodeEntities(value);
      const resolved = URL.parse(address, url);
      if (resolved === null) throw new Error(`An address that means nothing: ${tag}`);
      return /^(mailto|tel|data):$/.test(resolved.protocol) ? [] : [{ tag, address, url: resolved }];
    });
  });
}

export function listLinks(page: Pick<Page, 'html' | 'url'>): URL[] {
  return listPlaces(page).map(({ url }) => url);
}
