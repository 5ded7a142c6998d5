/** The logo: the door of a strongroom with a keyhole. */

export function Logo({ className = 'size-7' }: { className?: string }) {
  return (
    <svg viewBox="0 0 28 28" className={className} aria-hidden="true" focusable="false">
      <rect x="1" y="1" width="26" height="26" rx="3" fill="none" stroke="currentColor" strokeWidth="2" />
      <rect x="5" y="5" width="18" height="18" rx="1" fill="none" stroke="currentColor" strokeWidth="1" />
      <circle cx="14" cy="12" r="3" fill="currentColor" />
      <path d="M12.8 13h2.4l1.4 6.5h-5.2z" fill="currentColor" />
    </svg>
  );
}

/** The whole door in hairlines, for the home page. */
export function LogoDrawing({ className }: { className: string }) {
  return (
    <svg
      viewBox="0 0 320 320"
      className={className}
      aria-hidden="true"
      focusable="false"
      fill="none"
      stroke="currentColor"
    >
      <rect x="4" y="4" width="312" height="312" rx="6" strokeWidth="2" />
      <rect x="14" y="14" width="292" height="292" rx="3" />
      <circle cx="160" cy="160" r="122" strokeWidth="2" />
      <circle cx="160" cy="160" r="112" strokeWidth="12" pathLength="120" strokeDasharray="0.25 0.75" />
      <circle cx="160" cy="160" r="104" />
      <circle cx="160" cy="160" r="62" />
      <circle cx="160" cy="160" r="56" strokeWidth="2" />
      <circle cx="160" cy="148" r="15" fill="currentColor" stroke="none" />
      <path d="M153 154h14l8 38h-30z" fill="currentColor" stroke="none" />
      <path d="M26 88h16v32H26zM26 200h16v32H26z" strokeWidth="2" />
    </svg>
  );
}
