'use client';
/**
 * A picture over the initials of a name: the initials stay when there is no picture or it does not load. It stands beside
 * the name, so screen readers skip it.
 */
import { Avatar } from '@base-ui/react/avatar';

type Picture = { initials: string; source?: string | null; size?: 'small' | 'large' };

const sizes = { small: 'size-9 text-small', large: 'size-16 text-large' };

export function Portrait({ initials, source = null, size = 'small' }: Picture) {
  return (
    <Avatar.Root
      aria-hidden="true"
      className={`relative flex shrink-0 items-center justify-center overflow-hidden rounded-full border border-edge bg-sheet font-semibold text-soft select-none ${sizes[size]}`}
    >
      <Avatar.Fallback>{initials}</Avatar.Fallback>
      {source === null ? null : (
        <Avatar.Image
          keepMounted
          src={source}
          alt=""
          referrerPolicy="no-referrer"
          className="absolute inset-0 size-full object-cover data-error:hidden"
        />
      )}
    </Avatar.Root>
  );
}
