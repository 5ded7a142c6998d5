/** The permissions (scopes) of the API in words, for people. Pure. An adopter lists their own. */
import { identityScopes } from '@/lib/strongroom/oauth/granted-scopes';

export type Permission = {
  scope: string;
  /** What it lets the application do, as a person would say it. */
  title: string;
  detail: string;
};

const known: readonly Permission[] = [
  {
    scope: 'read:contacts',
    title: 'Read your contacts',
    detail: 'Show and search the people in your address book.',
  },
  {
    scope: 'read:messages',
    title: 'Read your messages',
    detail: 'Show messages that were sent to you and by you.',
  },
  {
    scope: 'write:messages',
    title: 'Post messages',
    detail: 'Send messages in your name, when you press the button.',
  },
  {
    scope: 'offline_access',
    title: 'Stay signed in',
    detail: 'Keep you signed in without asking for your password every few minutes.',
  },
];

/** The permissions among `scopes`, in the order of the table; unknown ones under their own name. Identity scopes are left out. */
export function listPermissions(scopes: readonly string[]): Permission[] {
  const choices = scopes.filter((scope) => !identityScopes.includes(scope));
  return [
    ...known.filter(({ scope }) => choices.includes(scope)),
    ...choices.filter((scope) => !isKnown(scope)).map(describeUnknown),
  ];
}

/** One permission in words. */
export function describePermission(scope: string): Permission {
  return known.find((permission) => permission.scope === scope) ?? describeUnknown(scope);
}

function isKnown(scope: string): boolean {
  return known.some((permission) => permission.scope === scope);
}

function describeUnknown(scope: string): Permission {
  return { scope, title: scope, detail: 'A permission of the API.' };
}
