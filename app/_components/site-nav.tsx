/** The pages of a signed-in user. For server and browser. */
import { isWithin, menu } from '@/lib/places';

type Menu = {
  /** Of the page that shows the menu. */
  pathname: string;
  /** Adds the base path. */
  addressOf: (path: string) => string;
};

export function SiteNav({ pathname, addressOf }: Menu) {
  return (
    <nav
      aria-label="Main"
      className="order-last w-full border-t border-rule lg:order-none lg:w-auto lg:border-0"
    >
      <ul className="-mx-0.5 flex flex-wrap justify-between min-[26rem]:-mx-2 text-small max-[22rem]:grid max-[22rem]:grid-cols-3 lg:-mx-3 min-[26rem]:justify-start md:text-base">
        {menu.map(({ path, name }) => (
          <li key={path}>
            <PlaceLink href={addressOf(path)} name={name} isCurrent={isWithin(pathname, path)} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function PlaceLink({ href, name, isCurrent }: { href: string; name: string; isCurrent: boolean }) {
  const state = isCurrent ? 'font-semibold text-ink' : 'text-soft hover:text-ink';
  return (
    <a
      href={href}
      aria-current={isCurrent ? 'page' : undefined}
      className={`relative flex min-h-11 items-center px-0.5 min-[26rem]:px-2 lg:min-h-14 lg:px-3 ${state}`}
    >
      {name}
      {isCurrent ? (
        <span
          aria-hidden="true"
          className="absolute inset-x-0.5 -bottom-px h-0.5 bg-ink min-[26rem]:inset-x-2 lg:inset-x-3"
        />
      ) : null}
    </a>
  );
}
