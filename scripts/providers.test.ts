/** Each preset has a page, whose variables work as they stand once what is in brackets is filled in. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { declaration } from '../lib/declaration';
import { parseConfig } from '../lib/strongroom/config/parse-config';
import { presetOf, providerNames } from '../lib/strongroom/config/provider-presets';

const folder = join(import.meta.dirname, '../docs/providers');
const read = (name: string) => readFileSync(join(folder, `${name}.md`), 'utf8');

const filledIn: Record<string, string> = {
  '<tenant id>': '11111111-2222-3333-4444-555555555555',
  '<user pool id>': 'eu-central-1_Ab3dE5f7G',
  '<client id>': 'client-1',
  '<client secret>': 'kT5bW9qN2rV7xM4p',
};

/** The lines `NAME=value # remark` of the first block. */
function readVariables(page: string): Record<string, string> {
  const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(page) ?? [];
  const lines = [...block.matchAll(/^([A-Z_]+)=(.*?)(?: #.*)?$/gm)];
  return Object.fromEntries(
    lines.map(([, name = '', value = '']) => [
      name,
      value.replace(/<[^>]+>/g, (place) => filledIn[place] ?? place),
    ]),
  );
}

it('each preset has its page, and each page its preset', () => {
  const pages = readdirSync(folder).map((file) => file.replace(/\.md$/, ''));
  expect(pages.toSorted()).toEqual(providerNames.toSorted());
});

describe.each(providerNames)('the page of %s', (name) => {
  const own = {
    AUTH_URL: 'https://app.example.com',
    AUTH_SECRET: `1:${'mQ7vT2xK9pL4wR8n'.repeat(2)}`,
    // The sample's second API; a page is written for one.
    CALENDAR_BASE_URL: 'https://calendar.example.com',
  };

  it('names variables that work, with the issuer of the table', () => {
    const variables = readVariables(read(name));
    const audience =
      variables.AUTH_AUDIENCE === undefined ? {} : { CALENDAR_AUDIENCE: own.CALENDAR_BASE_URL };
    const parsed = parseConfig({ ...own, ...audience, ...variables }, declaration);
    if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
    expect(parsed.config.provider.name).toBe(name);
    const { example, shape } = presetOf(name).issuer;
    expect(variables.AUTH_ISSUER).toMatch(shape);
    expect(read(name)).toContain(`AUTH_ISSUER=${example}`);
  });

  it('says what to click, and shows the doctor', () => {
    expect(read(name)).toContain('**To click.**');
    expect(/```text\n([\s\S]*?)```/.exec(read(name))?.[1]?.split('\n').length).toBeGreaterThan(3);
  });
});
