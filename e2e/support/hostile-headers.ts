/**
 * Headers that must not pass a proxy: of a request towards the API, and of a response towards the browser.
 */

/**
 * Headers that identify the client, reroute the request or are meant for another server, in several
 * spellings.
 */
export const spoofedNames = `
  Cookie Authorization Proxy-Authorization Proxy-Connection X-Forwarded-For X_Forwarded_For
  x-forwarded_host X-Forwarded-Host X-Forwarded-Proto X-Forwarded-User X-Forwarded-Email
  X-Forwarded-Access-Token X_Forwarded_User X-Real-IP Forwarded Via X-User X-User-Id X_User
  X-Remote-User Remote-User X-Auth-Request-User X-HTTP-Method-Override X-HTTP-Method X-Method-Override
  DPoP Range If-Range If-None-Match If-Modified-Since Origin Referer User-Agent Pragma
  x-middleware-subrequest x-middleware-rewrite x-middleware-next x-original-url x-rewrite-url X-Host
  X-Strongroom X-Strongroom-Background X-Tenant X-Api-Key X-CSRF-Token X-Custom X-Request-Id
  Traceparent Sec-Fetch-Mode Sec-CH-UA Cache-Control Max-Forwards Content-Language Content-Encoding
  Content-Location Accept-Charset Access-Control-Request-Method Service-Worker CF-Connecting-IP
  True-Client-IP X-Client-Cert SSL-Client-Cert
`
  .trim()
  .split(/\s+/);

/** What an API that was taken over would like a browser to do. */
export const hostileHeaders = {
  'set-cookie': ['strongroom=stolen; Path=/', 'a=b'],
  'clear-site-data': '"*"',
  'access-control-allow-origin': '*',
  'access-control-allow-credentials': 'true',
  'content-security-policy': "default-src *; script-src 'unsafe-inline'",
  'strict-transport-security': 'max-age=0',
  'cross-origin-opener-policy': 'unsafe-none',
  'cross-origin-resource-policy': 'cross-origin',
  'x-frame-options': 'ALLOWALL',
  'x-content-type-options': 'off',
  location: 'https://evil.example/',
  refresh: '0;url=https://evil.example/',
  link: '<https://evil.example/x.js>; rel=preload; as=script',
  sourcemap: 'https://evil.example/map',
  'alt-svc': 'h3="evil.example:443"',
  'service-worker-allowed': '/',
  'www-authenticate': 'Basic realm="x-canary"',
  'cache-control': 'public, s-maxage=31536000',
  'cdn-cache-control': 'public, max-age=31536000',
  vary: '*',
  etag: '"x-canary"',
  age: '1',
  expires: 'Fri, 01 Jan 2100 00:00:00 GMT',
  server: 'x-canary',
  via: '1.1 x-canary',
  'keep-alive': 'timeout=999',
  'content-disposition': 'inline; filename="x-canary.html"',
  'x-middleware-rewrite': 'https://evil.example/',
  'x-custom': 'x-canary',
};
