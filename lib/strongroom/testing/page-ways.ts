/**
 * The two ways to a page: through the server guard of a build, and through Next's proxy. A test asks both for the
 * same. Test support only.
 */
import { NextRequest } from 'next/server';
import { clientAddressHeader } from '../server/client-address';
import { createPageGuard } from '../sign-in/page-guard';
import { proxy } from '../sign-in/proxy';
import { startGuardedServer } from './guarded-server';

type Answered = {
  status: number;
  headers: Headers;
  body: string;
  /** What a page would see of the request; null when none is rendered. */
  page: { cookie: string | null; policy: string | null } | null;
};

type Asked = { method?: string; headers?: Record<string, string> };
export type Way = (path: string, asked?: Asked) => Promise<Answered>;

const routes = {
  guarded: ['^/(?!healthz$)'],
  served: ['^/$', '^/dashboard', '^/sign-in', '^/auth/'],
  isAliveOurs: true,
};

async function askGuard(path: string, { method = 'GET', headers = {} }: Asked = {}): Promise<Answered> {
  const guarded = await startGuardedServer(createPageGuard(routes));
  const length = method === 'POST' ? 'Content-Length: 0\r\n' : '';
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const [head = '', body = ''] = (await guarded.get(path, length + lines.join(''), method)).split('\r\n\r\n');
  await guarded.close();
  const [first = '', ...rest] = head.split('\r\n');
  const received = new Headers(
    rest.map((line) => [line.split(': ', 1)[0] ?? '', line.replace(/^.*?: /, '')]),
  );
  const seen = guarded.admitted[0]?.headers;
  const page = seen && {
    cookie: seen.cookie ?? null,
    policy: seen['content-security-policy']?.toString() ?? null,
  };
  return { status: Number(first.split(' ')[1]), headers: received, body, page: page ?? null };
}

async function askProxy(path: string, { method = 'GET', headers = {} }: Asked = {}): Promise<Answered> {
  const noted = { ...headers, [clientAddressHeader()]: '192.0.2.1' };
  const response = await proxy(new NextRequest(`https://app.example${path}`, { method, headers: noted }));
  const isPassed = response.headers.get('x-middleware-next') === '1';
  const seen = (name: string) => response.headers.get(`x-middleware-request-${name}`);
  const page = isPassed ? { cookie: seen('cookie'), policy: seen('content-security-policy') } : null;
  return { status: response.status, headers: response.headers, body: await response.text(), page };
}

export const ways: [string, Way][] = [
  ['the server guard', askGuard],
  ['Next’s proxy', askProxy],
];
