/** Twelve changes that adopters typically make, each with a look at whether it is still there. */
import { cpSync, existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { removed } from './adopter-copy.ts';
import type { Copy } from './upgrade-world.ts';

export type AdopterChange = { name: string; make(copy: Copy): void; isThere(copy: Copy): boolean };

const overlay = join(import.meta.dirname, 'overlay');

/** Copies what an adopter wrote. */
function bring(copy: Copy, ...paths: string[]): void {
  for (const path of paths) cpSync(join(overlay, path), join(copy.folder, path), { recursive: true });
}

export const contains = (path: string, text: string) => (copy: Copy) =>
  existsSync(join(copy.folder, path)) && copy.read(path).includes(text);

const product = "export const productName = 'Ledger';";
const colour = '--brass: #0a5c36;';
const variable = '\n# Where the invoices are printed.\nPRINTER_URL=https://printer.example.com\n';

export const adopterChanges: readonly AdopterChange[] = [
  {
    name: 'another name of the product',
    make: (copy) => copy.change('lib/places.ts', /export const productName = .*;/, product),
    isThere: contains('lib/places.ts', product),
  },
  {
    name: 'the sample is deleted',
    make: (copy) => {
      copy.remove(...globSync(removed, { cwd: copy.folder }));
      copy.write('e2e/README', 'Our own tests.\n');
    },
    isThere: (copy) => globSync(removed, { cwd: copy.folder }).join() === 'e2e/invoices.spec.ts',
  },
  {
    name: 'a page',
    make: (copy) => bring(copy, 'app/dashboard/invoices', 'app/dashboard/page.tsx'),
    isThere: (copy) =>
      contains('app/dashboard/invoices/page.tsx', 'invoices')(copy) &&
      contains('app/dashboard/page.tsx', 'invoices')(copy),
  },
  {
    name: 'functions of an API',
    make: (copy) => bring(copy, 'lib/api'),
    isThere: contains('lib/api/invoices.ts', '/invoices'),
  },
  {
    name: 'an edited declaration',
    make: (copy) => bring(copy, 'lib/declaration.ts'),
    isThere: contains('lib/declaration.ts', "scope: 'read:invoices'"),
  },
  {
    name: 'colours of their own',
    make: (copy) => copy.change('app/globals.css', /--brass: #\w+;/, colour),
    isThere: contains('app/globals.css', colour),
  },
  {
    name: 'a package, a name and a script',
    make: (copy) => {
      copy.change('package.json', '"dependencies": {', '"dependencies": {\n    "pdf-lib": "^1.17.1",');
      copy.change('package.json', '"name": "strongroom"', '"name": "ledger"');
      copy.change('package.json', '"scripts": {', '"scripts": {\n    "print": "node print.ts",');
    },
    isThere: (copy) => {
      const { name, scripts, dependencies } = JSON.parse(copy.read('package.json'));
      return name === 'ledger' && scripts.print === 'node print.ts' && dependencies['pdf-lib'] === '^1.17.1';
    },
  },
  {
    name: 'a README of their own',
    make: (copy) => copy.change('README.md', /^# .*\n\n.*\n/, '# Ledger\n\nInvoices of Example Ltd.\n'),
    isThere: contains('README.md', '# Ledger\n\nInvoices of Example Ltd.\n'),
  },
  {
    name: 'a setting of Next',
    make: (copy) =>
      copy.change(
        'next.config.js',
        "output: 'standalone',",
        "output: 'standalone',\n  pageExtensions: ['tsx', 'ts'],",
      ),
    isThere: contains('next.config.js', "pageExtensions: ['tsx', 'ts'],"),
  },
  {
    name: 'an edited file of deploy/',
    make: (copy) =>
      copy.change(
        'deploy/Dockerfile',
        'FROM node:24-slim AS build',
        'FROM registry.example/node:24 AS build',
      ),
    isThere: contains('deploy/Dockerfile', 'FROM registry.example/node:24 AS build'),
  },
  {
    name: 'a variable',
    make: (copy) => copy.append('.env.example', variable),
    isThere: contains('.env.example', variable),
  },
  {
    name: 'tests of their own',
    make: (copy) => {
      copy.write(
        'e2e/invoices.spec.ts',
        "import { test } from '@playwright/test';\ntest('invoices', () => {});\n",
      );
      copy.write('lib/api/invoices.test.ts', "import { test } from 'vitest';\ntest('invoices', () => {});\n");
    },
    isThere: (copy) =>
      contains('e2e/invoices.spec.ts', 'invoices')(copy) &&
      contains('lib/api/invoices.test.ts', 'invoices')(copy),
  },
];
