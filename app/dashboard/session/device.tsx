/** Whether the session is bound to this device, and whether a copy of it was tried somewhere. */
import type { SessionView } from 'strongroom';
import { Notice } from '@/app/_components/notice';
import { TimeAgo } from '@/app/_components/time-ago';

type Bound = { device: SessionView['device'] };

export function Device({ device }: Bound) {
  return device === null
    ? 'Not bound to this device'
    : 'Bound to this device: a copy of this session does not work anywhere else';
}

/** What was kept and what to do, beside what happened: a copy says that something reads the user's cookies. */
export function CopyTried({ device }: Bound) {
  if (device === null || device.copiedAtSec === null) return null;
  return (
    <div className="mt-8">
      <Notice tone="bad" title="Someone tried to use a copy of this session">
        <p>
          It happened <TimeAgo at={device.copiedAtSec} isPast />. The copy was rejected, because your session
          is bound to this device. A program on this computer may read what your browser keeps: have it
          checked, then sign out everywhere.
        </p>
      </Notice>
    </div>
  );
}
