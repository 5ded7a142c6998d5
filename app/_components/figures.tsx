/** How much there is, in numbers under each other. */
import Link from 'next/link';
import type { ApiResult, Page } from '@/lib/strongroom/api/api-result';

type Counted = ApiResult<Page<unknown>>;

export function Figures({ contacts, messages }: { contacts: Counted; messages: Counted }) {
  return (
    <dl className="border-b border-rule">
      <Figure name="Contacts" href="/dashboard/contacts" answer={contacts} />
      <Figure name="Messages" href="/dashboard/messages" answer={messages} />
    </dl>
  );
}

function Figure({ name, href, answer }: { name: string; href: string; answer: Counted }) {
  return (
    <div className="flex items-center justify-between gap-4 border-t border-rule">
      <dt>
        <Link href={href} prefetch={false} className="link inline-flex min-h-11 items-center">
          {name}
        </Link>
      </dt>
      <dd className="text-right">
        {answer.kind === 'ok' ? (
          <span className="text-large">{answer.value.total.toLocaleString('en')}</span>
        ) : (
          <span className="text-soft">not available</span>
        )}
      </dd>
    </div>
  );
}
