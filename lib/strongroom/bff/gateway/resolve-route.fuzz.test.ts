/**
 * Arbitrary paths for the gateway: whatever is accepted stays on its host and below its base, however often
 * another server decodes it.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { budget } from '../../testing/fuzz-budget';
import { upstreams } from '../../testing/upstreams';
import { buildTarget, readSegments, resolveRoute } from './resolve-route';

const base = 'https://api.example/v1/contacts';
const piece = fc.constantFrom(
  ...[
    '.',
    '..',
    '%2e',
    '%2E%2e',
    '/',
    '//',
    '%2f',
    '%252f',
    '\\',
    '%5c',
    '%255c',
    '%00',
    '%0d%0a',
    ';',
    '..;',
    '%',
    '%zz',
  ],
  ...[
    '%c0%af',
    '%ff',
    '@evil.example',
    ':8080',
    '?',
    '#',
    'http:',
    '[::1]',
    '127.0.0.1',
    'contacts',
    'c_1',
    'é',
    ' ',
    '\t',
  ],
  ...['\u2025', '\uff0f', '\ud800', '~', '%7e', '__proto__', 'constructor', '%2525'],
);
const path = fc.oneof(
  fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`),
  fc
    .array(fc.oneof(piece, fc.string({ maxLength: 6 })), { maxLength: 6 })
    .map((pieces) => `/${pieces.join('/')}`),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

function decodeOften(text: string): string[] {
  const forms = [text];
  for (let step = 0; step < 3; step += 1) {
    try {
      forms.push(decodeURIComponent(forms.at(-1) ?? ''));
    } catch {
      break;
    }
  }
  return forms;
}

it('PX-01, PX-02: a path that is accepted is below its base, decoded once, twice or three times', () => {
  let accepted = 0;
  fc.assert(
    fc.property(path, (raw) => {
      const segments = readSegments(raw);
      if (segments === null) return;
      const url = buildTarget(base, segments, {});
      if (url === null) return;
      accepted += 1;
      expect([url.origin, url.username, url.search, url.hash]).toEqual(['https://api.example', '', '', '']);
      for (const form of decodeOften(url.pathname)) {
        expect(form).not.toMatch(/[\\;\p{Cc}]/u);
        expect(form.split('/')).not.toContain('..');
        expect(new URL(form, 'https://api.example').pathname.startsWith('/v1/contacts')).toBe(true);
        // As many slashes as segments: none came in by decoding.
        expect(form.split('/')).toHaveLength(3 + segments.length);
      }
    }),
    budget(20_000),
  );
  expect(accepted).toBeGreaterThan(500);
});

it('PX-01: an address that leads to a route names an upstream of the table, and nothing else', () => {
  const name = fc.oneof(piece, fc.string({ maxLength: 10 }));
  let found = 0;
  fc.assert(
    fc.property(name, path, (first, rest) => {
      const url = URL.parse(`https://app.example/api/gateway/${first}${rest}`);
      if (url === null) return;
      const match = resolveRoute(upstreams, { method: 'GET', url });
      if (match.kind !== 'route') return;
      found += 1;
      expect(Object.keys(upstreams)).toContain(match.name);
      expect(match.upstream).toBe(upstreams[match.name]);
      expect(match.upstream.routes).toContain(match.route);
    }),
    budget(20_000),
  );
  expect(found).toBeGreaterThan(20);
});
