/** Three releases after the first: everything that a release may do to the core, and typical changes of the rest. */
import type { UpgradeWorld } from './upgrade-world.ts';

const core = 'lib/strongroom';

export function makeReleases(world: UpgradeWorld): void {
  const { releases } = world;

  releases.change(`${core}/base/log.ts`, /^/, '// Changed in 0.2.0.\n');
  releases.write(`${core}/base/new-rule.ts`, 'export const newRule = 1;\n');
  releases.move(`${core}/base/clock.ts`, `${core}/base/time/clock.ts`);
  releases.remove(`${core}/base/guards.ts`);
  releases.move('lib/moved.ts', `${core}/base/moved.ts`);
  // The sample, which the adopter deleted.
  releases.append('app/dashboard/contacts/page.tsx', '// Changed in 0.2.0.\n');
  releases.write('app/dashboard/messages/new-part.tsx', 'export const part = 1;\n');
  releases.write('e2e/new-sample.spec.ts', '// Of the sample.\n');
  // Where the adopter has changed something too.
  releases.change('package.json', '"dependencies": {', '"dependencies": {\n    "new-package": "^1.0.0",');
  releases.change('README.md', /^# .*\n\n.*\n/, '# Strongroom\n\nAnother sentence.\n');
  releases.append('README.md', '\nA line of 0.2.0.\n');
  releases.append('app/globals.css', '\n.of-0-2 { color: var(--ink); }\n');
  world.release('0.2.0');

  releases.append(`${core}/base/log.ts`, '// Changed in 0.3.0.\n');
  releases.write(`${core}/base/guards.ts`, 'export const another = 1;\n');
  releases.remove(`${core}/base/new-rule.ts`);
  releases.change('deploy/Dockerfile', 'PORT=3000\n', 'PORT=3000 \\\n    NEW=1\n');
  releases.change('next.config.js', 'poweredByHeader: false,', 'poweredByHeader: false,\n  compress: false,');
  releases.change('.env.example', /^/, '# What is new.\n# NEW=\n\n');
  releases.remove('lib/api/messages.ts');
  releases.write('app/new-page/page.tsx', 'export default function NewPage() {}\n');
  world.release('0.3.0');

  for (const name of ['shutdown.ts', 'rejection.ts', 'http-server.ts'])
    releases.move(`${core}/server/${name}`, `${core}/node/${name}`);
  releases.append(`${core}/base/guards.ts`, 'export const more = 2;\n');
  releases.change('package.json', /"react": "[^"]+"/, '"react": "^19.9.0"');
  releases.append('app/dashboard/figures.tsx', '// Changed in 0.4.0.\n');
  releases.append('lib/places.ts', '// Changed in 0.4.0.\n');
  world.release('0.4.0');
}
