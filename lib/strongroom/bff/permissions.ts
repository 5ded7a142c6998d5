/** The declared permissions (scopes) in words. */
import 'server-only';
import { getDeclaration, type Permission } from '../config/declaration';
import { identityScopes } from '../oauth/granted-scopes';

/**
 * Permissions among `scopes` in the declared order, then unknown ones under their own name; identity scopes
 * are left out.
 */
export function listPermissions(scopes: readonly string[]): Permission[] {
  const { permissions } = getDeclaration();
  const choices = scopes.filter((scope) => !identityScopes.includes(scope));
  const isDeclared = (scope: string) => permissions.some((permission) => permission.scope === scope);
  return [
    ...permissions.filter(({ scope }) => choices.includes(scope)),
    ...choices.filter((scope) => !isDeclared(scope)).map(describePermission),
  ];
}

/**
 * One permission in words, as declared.
 * @example
 * if (result.kind === 'insufficient_scope')
 *   return <p>This needs ‘{describePermission(result.scope).title}’.</p>;
 */
export function describePermission(scope: string): Permission {
  const declared = getDeclaration().permissions.find((permission) => permission.scope === scope);
  return declared ?? { scope, title: scope, detail: 'A permission of the API.' };
}
