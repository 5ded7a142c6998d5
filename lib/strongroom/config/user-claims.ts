/**
 * Which member of a userinfo response stands for which claim, at a server without OpenID Connect. Pure.
 */

/** What pages show of a user, and what identifies them. @see OIDC Core §5.1 */
const claimNames = ['sub', 'name', 'preferred_username', 'nickname', 'email', 'picture'];

/** Members that change, or that another user can have later. */
const changing = ['email', 'login', 'name', 'nickname', 'preferred_username', 'username'];

/** @returns the member for each claim in `sub=id&picture=avatar_url`, or what is wrong with it */
export function parseUserClaims(text: string): Readonly<Record<string, string>> | string {
  const entries = [...new URLSearchParams(text)];
  const wrong = entries.find(([claim]) => !claimNames.includes(claim));
  if (wrong !== undefined) return `must not set ${wrong[0]}: the claims are ${claimNames.join(', ')}`;
  if (new Set(entries.map(([claim]) => claim)).size !== entries.length) return 'names a claim twice';
  if (entries.some(([, member]) => member === '')) return 'has a claim without a member of the response';
  if (!entries.some(([claim]) => claim === 'sub')) return 'must contain sub, such as sub=id';
  const members = Object.fromEntries(entries);
  if (changing.includes(members.sub ?? ''))
    return `must not take ${members.sub} as sub: it may become another user's`;
  return members;
}
