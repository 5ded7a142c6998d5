export { proxy } from 'strongroom/proxy';

export const config = {
  // Not the API gateway, nor logout tokens: software asks there, and Next would keep every body that passes here.
  // The home page is named, because below a base path the pattern leaves it out.
  matcher: [
    '/',
    '/((?!_next/static/|icon\\.svg$|robots\\.txt$|healthz$|readyz$|\\.well-known/jwks\\.json$|api/gateway(?:/|$)|auth/back-channel-logout$).*)',
  ],
};
