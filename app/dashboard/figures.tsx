/** How much there is, in numbers under each other. */

import type { CallResult } from 'strongroom';
import { PageLink } from '@/app/_components/page-link';
import type { Page } from '@/lib/api/wire';
import { places } from '@/lib/places';

type Counted = CallResult<Page<unknown>>;

export function Figures({ contacts, messages }: { contacts: Counted; messages: Counted }) {
  return (
    <dl className="border-b border-rule">
      <Figure name="Contacts" href={places.contacts} result={contacts} />
      <Figure name="Messages" href={places.messages} result={messages} />
    </dl>
  );
}

function Figure({ name, href, result }: { name: string; href: string; result: Counted }) {
  return (
    <div className="flex items-center justify-between gap-4 border-t border-rule">
      <dt>
        <PageLink href={href} className="link inline-flex min-h-11 items-center">
          {name}
        </PageLink>
      </dt>
      <dd className="text-right">
        {result.kind === 'ok' ? (
          <span className="text-large">{result.value.total.toLocaleString('en')}</span>
        ) : (
          <span className="text-soft">not available</span>
        )}
      </dd>
    </div>
  );
}
