'use client';
/**
 * The pages of a signed-in user. A link says that it is loading by its own underline, which is always there.
 */
import Link, { useLinkStatus } from 'next/link';
import { usePathname } from 'next/navigation';
import { isWithin, menu } from '@/lib/places';

export function SiteNav() {
  const pathname = usePathname();
  return (
    <nav
      aria-label="Main"
      className="order-last w-full border-t border-rule md:order-none md:w-auto md:border-0"
    >
      <ul className="-mx-0.5 flex flex-wrap justify-between min-[26rem]:-mx-2 text-small max-[22rem]:grid max-[22rem]:grid-cols-3 lg:-mx-3 min-[26rem]:justify-start md:text-base">
        {menu.map((place) => (
          <li key={place.path}>
            <PlaceLink {...place} isCurrent={isWithin(pathname, place.path)} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function PlaceLink({ path, name, isCurrent }: { path: string; name: string; isCurrent: boolean }) {
  const state = isCurrent ? 'font-semibold text-ink' : 'text-soft hover:text-ink';
  return (
    <Link
      href={path}
      prefetch={false}
      aria-current={isCurrent ? 'page' : undefined}
      className={`relative flex min-h-11 items-center px-0.5 min-[26rem]:px-2 md:min-h-14 lg:px-3 ${state}`}
    >
      {name}
      <Underline isCurrent={isCurrent} />
    </Link>
  );
}

function Underline({ isCurrent }: { isCurrent: boolean }) {
  const { pending } = useLinkStatus();
  const look = pending ? 'pending-line' : isCurrent ? 'bg-ink' : '';
  return (
    <span
      aria-hidden="true"
      className={`absolute inset-x-0.5 -bottom-px h-0.5 min-[26rem]:inset-x-2 lg:inset-x-3 ${look}`}
    />
  );
}
