export { proxy } from 'strongroom/proxy';

export const config = {
  matcher: ['/account/:path*', '/auth/((?!back-channel-logout$).*)'],
};
