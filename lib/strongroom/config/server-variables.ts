/** The variables about the process and its network; variables.ts has the type of a row. Pure. */
export const serverVariables = [
  {
    name: 'TRUSTED_PROXY_HOPS',
    purpose:
      'Reverse proxies in front that append to `X-Forwarded-For` (0 to 5): `auto` is 1 over https and 0 on localhost.',
    example: 'auto',
    fallback: 'auto',
  },
  {
    name: 'REDIRECTED_HOSTS',
    purpose:
      'Other hosts of this site, such as `www.example.com`, separated by spaces: pages asked for there are redirected to AUTH_URL.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'HSTS',
    purpose:
      '`Strict-Transport-Security` over https: this host alone for two years; `; includeSubDomains` is about every host below it.',
    example: 'max-age=63072000',
    fallback: 'max-age=63072000',
  },
  {
    name: 'KEEP_ALIVE_TIMEOUT',
    purpose:
      'Milliseconds that an idle connection stays open (1000 to 600000): longer than the proxy in front keeps it.',
    example: '65000',
    fallback: '65000',
  },
  {
    name: 'SHUTDOWN_DELAY',
    purpose:
      'Milliseconds after SIGTERM in which `/readyz` says no and everything is still served (0 to 10000), for a load balancer that asks there.',
    example: '0',
    fallback: '0',
  },
  {
    name: 'EGRESS_PROXY_URL',
    purpose:
      'HTTP proxy through which every request to the authorization server and the API leaves; `HTTP_PROXY` and the like have no effect.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'RATE_LIMIT_PER_MINUTE',
    purpose:
      'Sign-ins, callbacks and refreshes that one client address may ask for in a minute, each (10 to 1000000); requests to the API gateway and forms ten times as many, pages twenty times.',
    example: '600',
    fallback: '600',
  },
  {
    name: 'NEXT_SERVER_ACTIONS_ENCRYPTION_KEY',
    purpose:
      'What Next.js encrypts in pages for their forms: 32 bytes in base64, the same for all instances. Without it, the key derives from the lowest-numbered AUTH_SECRET.',
    example: '',
    fallback: 'none',
  },
] as const;
