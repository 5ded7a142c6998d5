/**
 * Each permission that is asked for, granted or not: a word and a shape, and the way to grant what is
 * missing.
 */
import { type SessionView, startSignInPath } from 'strongroom';
import { ActionLink } from '@/app/_components/action-link';
import { Shape } from '@/app/_components/notice';

type PermissionState = SessionView['permissions'][number];

export function PermissionList({
  permissions,
  here,
}: {
  permissions: readonly PermissionState[];
  here: string;
}) {
  const missing = permissions.filter(({ isGranted }) => !isGranted).length;
  return (
    <ul className="border-b border-rule">
      {permissions.map((permission) => (
        <PermissionRow key={permission.scope} permission={permission} here={here} isOnlyOne={missing === 1} />
      ))}
    </ul>
  );
}

function PermissionRow({
  permission,
  here,
  isOnlyOne,
}: {
  permission: PermissionState;
  here: string;
  isOnlyOne: boolean;
}) {
  const { scope, title, detail, isGranted, isAssumed } = permission;
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-3 border-t border-rule py-4">
      <div className="min-w-48 flex-1 basis-64">
        <h3 className="font-semibold">{title}</h3>
        <p className="text-soft">{detail}</p>
      </div>
      <GrantIcon
        isGranted={isGranted && !isAssumed}
        words={isAssumed ? 'Known when it is first used' : undefined}
      />
      {isGranted ? null : (
        <ActionLink
          href={startSignInPath({ returnTo: here, permission: scope })}
          look={isOnlyOne ? 'primary' : 'plain'}
        >
          Grant ‘{title}’
        </ActionLink>
      )}
    </li>
  );
}

function GrantIcon({ isGranted, words }: { isGranted: boolean; words?: string | undefined }) {
  return (
    <p className={`flex gap-2 ${isGranted ? 'text-good' : 'text-soft'}`}>
      <Shape tone={isGranted ? 'good' : 'note'} />
      {words ?? (isGranted ? 'Granted' : 'Not granted')}
    </p>
  );
}
