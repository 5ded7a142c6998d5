/** The picture of a contact, and the way to another one. */
import { describePermission, type SessionView, startSignInPath, withBasePath } from 'strongroom';
import { Portrait } from '@/app/_components/portrait';
import { initialsOf } from '@/app/_components/user-name';
import type { Contact } from '@/lib/api/contacts';
import { UploadPicture } from './upload-picture';

const writePermission = 'write:contacts';

export function ContactPicture({
  contact,
  session,
  here,
}: {
  contact: Contact;
  session: SessionView;
  here: string;
}) {
  const permission = session.permissions.find(({ scope }) => scope === writePermission);
  const { title } = describePermission(writePermission);
  const grant = {
    label: `Grant ‘${title}’`,
    href: startSignInPath({ returnTo: here, permission: writePermission }),
  };
  return (
    <div data-private className="mb-6 flex items-start gap-4">
      <Portrait initials={initialsOf(contact.name)} source={sourceOf(contact)} size="large" />
      {permission?.isGranted === false ? (
        <p className="min-w-0">
          <span className="block text-soft">Uploading a picture needs the extra permission ‘{title}’.</span>
          <a href={grant.href} className="link inline-flex min-h-11 items-center font-semibold">
            {grant.label}
          </a>
        </p>
      ) : (
        <UploadPicture
          contactId={contact.id}
          grant={grant}
          signInHref={startSignInPath({ returnTo: here })}
        />
      )}
    </div>
  );
}

/** A changed picture has another address: browsers show it without being told. */
function sourceOf({ id, pictureUpdatedAt }: Contact): string | null {
  if (pictureUpdatedAt === null) return null;
  const version = new URLSearchParams({ v: pictureUpdatedAt });
  return withBasePath(`/api/gateway/contacts/${encodeURIComponent(id)}/picture?${version}`);
}
