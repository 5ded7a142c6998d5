/**
 * Every dangerous thing has its owner, and every file its shape. Each rule returns its violations. Test
 * support only.
 */
import { listImports, type Source, startsWith, stripComments } from './source-files';

type Owner = { thing: string; pattern: RegExp; isHome: (path: string) => boolean };

const at =
  (...paths: string[]) =>
  (path: string) =>
    paths.includes(path);
const below = (folder: string) => (path: string) => path.startsWith(folder);

/**
 * What only its owner may write. The folders `lib` and `app`, proxy.ts and instrumentation.ts are searched.
 */
const owners: readonly Owner[] = [
  // Next gives the runtime's name to instrumentation.ts in no other way.
  {
    thing: 'process.env',
    pattern: /\bprocess\.env\b(?!\.NEXT_RUNTIME\b)/,
    // The build puts the base path there, for browsers too.
    isHome: (path) =>
      path.startsWith('lib/strongroom/config/') || path === 'lib/strongroom/base/base-path.ts',
  },
  { thing: 'NEXT_RUNTIME', pattern: /\bNEXT_RUNTIME\b/, isHome: at('instrumentation.ts') },
  {
    thing: 'the current time',
    pattern: /\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(/,
    // The second is the application's own, and the third counts down in the browser.
    isHome: at(
      'lib/strongroom/base/clock.ts',
      'app/_components/now-sec.ts',
      'app/_components/session-expiry.tsx',
    ),
  },
  {
    thing: 'a timer that cannot be cleared',
    pattern: /\bAbortSignal\.timeout\(/,
    // In the browser, for one upload.
    isHome: at('app/dashboard/contacts/[id]/send-picture.ts'),
  },
  { thing: 'console', pattern: /\bconsole\./, isHome: () => false },
  {
    thing: 'a token or a credential in a header',
    pattern:
      /\bprotectedResourceRequest\b|\bBearer \$\{|\.(?:set|append)\(\s*['"]authorization['"]|['"]authorization['"]\s*:|\bauthorization:\s*[`'"]/i,
    // The last is the operator's, for their collector.
    isHome: at(
      'lib/strongroom/api/send-request.ts',
      'lib/strongroom/oauth/client-authentication.ts',
      'lib/strongroom/audit/collector-sink.ts',
    ),
  },
  {
    thing: 'a call to the authorization server',
    pattern:
      /\b(?:\w+GrantRequest|genericTokenEndpointRequest|pushedAuthorizationRequest|revocationRequest|introspectionRequest|userInfoRequest|discoveryRequest|createRemoteJWKSet)\b/,
    isHome: below('lib/strongroom/oauth/'),
  },
  {
    thing: 'a cookie name',
    pattern: /__Host-|__Secure-|\bsameSite:\s*'(?!lax)/,
    isHome: at('lib/strongroom/session/cookies.ts'),
  },
  {
    thing: 'a request of Node',
    pattern: /\bhttps?\.(?:request|get)\(|\bhttps?Request\(/,
    isHome: () => false,
  },
  {
    thing: 'fetch',
    pattern: /(?<![.\w])fetch\(/,
    // The others ask our own server from the browser.
    isHome: at(
      'app/_components/session-watch.ts',
      'app/dashboard/contacts/use-suggestions.ts',
      'app/dashboard/contacts/[id]/send-picture.ts',
      'app/dashboard/ask-user-name.ts',
      'app/dashboard/messages/ask-newest.ts',
    ),
  },
];

/** Packages that only their owner may import. */
const packageOwners: Record<string, readonly string[]> = {
  'iron-session': ['lib/strongroom/session/seal.ts'],
  'next-auth': ['lib/strongroom/oauth/exchange-code.ts'],
  pino: ['lib/strongroom/base/log.ts'],
  undici: ['lib/strongroom/base/egress.ts', 'lib/strongroom/base/http-exchange.ts'],
  '@redis/client': ['lib/strongroom/store/redis-node.ts'],
  'proxy-addr': ['lib/strongroom/server/client-address.ts'],
  '@opentelemetry/sdk-metrics': ['lib/strongroom/metrics/start-metrics.ts'],
  '@opentelemetry/exporter-metrics-otlp-proto': [
    'lib/strongroom/metrics/start-metrics.ts',
    'lib/strongroom/doctor/check-collectors.ts',
  ],
  '@opentelemetry/exporter-prometheus': [
    'lib/strongroom/metrics/start-metrics.ts',
    'lib/strongroom/metrics/metrics-server.ts',
  ],
  'ipaddr.js': ['lib/strongroom/server/client-address.ts', 'lib/strongroom/base/guarded-lookup.ts'],
};

export function findOwnerViolations(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const code = stripComments(text);
    return owners
      .filter(({ pattern, isHome }) => !isHome(path) && pattern.test(code))
      .map(({ thing }) => `${path} has ${thing}, which has another owner`);
  });
}

export function findPackageViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    listImports(source).flatMap(({ target }) => {
      const name = Object.keys(packageOwners).find(
        (known) => target === known || target.startsWith(`${known}/`),
      );
      const isHome = name === undefined || packageOwners[name]?.includes(source.path);
      const isStray =
        /^oauth4webapi$/.test(target) &&
        !/^lib\/strongroom\/(oauth\/|api\/send-request\.ts)/.test(source.path);
      return isHome && !isStray ? [] : [`${source.path} imports ${target}, which has another owner`];
    }),
  );
}

/**
 * A file of the core opens with `import 'server-only'`, or it says that it is pure and keeps to that, or it
 * is one of the named few, or it is for browsers.
 * @param neutral files that hold nothing worth hiding from a browser, and are no functions of their input
 */
export function findServerBoundaryViolations(
  sources: readonly Source[],
  neutral: readonly string[],
): string[] {
  const isGuarded = new Map(
    sources.map((source) => [source.path, listImports(source)[0]?.target === 'server-only']),
  );
  return sources.flatMap((source) => {
    const { path, text } = source;
    const isPure = /\bPure\b/.test(text.split('*/')[0] ?? '');
    const isForBrowsers = startsWith(source, 'use client') && /^lib\/strongroom\/client[./]/.test(path);
    const isOpen = isPure || isForBrowsers || neutral.includes(path);
    if (isGuarded.get(path)) return isOpen ? [`${path} is server-only and says that it is not`] : [];
    if (!isOpen) return [`${path} does not open with import 'server-only'`];
    const values = listImports(source).filter(({ isType }) => !isType);
    return [
      ...values
        .filter(({ target }) => isGuarded.get(`${target}.ts`))
        .map(({ target }) => `${path} imports ${target}, which is server-only`),
      ...values
        .filter(({ target }) => isPure && target.startsWith('node:'))
        .map(({ target }) => `${path} imports ${target}`),
    ];
  });
}

/** `'use server'` opens action files only, and tokens are read elsewhere. */
export function findActionViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const { path } = source;
    const code = stripComments(source.text);
    const isAction = startsWith(source, 'use server');
    const mentions = code.match(/['"]use server['"]/g)?.length ?? 0;
    if (isAction && !/^app\/(.*\/)?actions\.ts$/.test(path))
      return [`${path} is an action file by directive, not by name`];
    if (mentions > (isAction ? 1 : 0)) return [`${path} has 'use server' inside`];
    const isReader = isAction && /\b(accessToken|refreshToken|idToken|signJwt|sealData|unseal)\b/.test(code);
    return isReader ? [`${path} reads or mints tokens beside its actions`] : [];
  });
}

/** Length, names and exports. */
export function findShapeViolations(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => [
    ...(text.trimEnd().split('\n').length > 200 ? [`${path} has more than 200 lines`] : []),
    ...(path.startsWith('lib/') && /^export default\b/m.test(stripComments(text))
      ? [`${path} has a default export`]
      : []),
    ...(path.split('/').some((part) => /^(utils?|misc|helpers?|common|index)(\.|$)/.test(part))
      ? [`${path} has a name that says nothing`]
      : []),
  ]);
}
