'use client';
/**
 * A picture over initials: the initials stay when there is no picture or it does not load. It stands beside a
 * name, so screen readers skip it.
 */

type Picture = { initials: string; source?: string | null; size?: 'small' | 'large' };

const sizes = { small: 'size-9 text-small', large: 'size-16 text-large' };

export function Portrait({ initials, source = null, size = 'small' }: Picture) {
  return (
    <span
      aria-hidden="true"
      className={`relative flex shrink-0 items-center justify-center overflow-hidden rounded-full border border-edge bg-sheet font-semibold text-soft select-none ${sizes[size]}`}
    >
      {initials}
      {source === null ? null : (
        // biome-ignore lint/performance/noImgElement: no picture is made smaller here (next.config.js)
        <img
          key={source}
          ref={hideIfBroken}
          onError={({ currentTarget }) => hideIfBroken(currentTarget)}
          src={source}
          alt=""
          referrerPolicy="no-referrer"
          className="absolute inset-0 size-full object-cover"
        />
      )}
    </span>
  );
}

/** It may have failed before this script was there. */
function hideIfBroken(image: HTMLImageElement | null): void {
  if (image?.complete && image.naturalWidth === 0) image.hidden = true;
}
