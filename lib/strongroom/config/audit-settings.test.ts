/** The variables of the audit log and of traces: what they mean, and what is rejected. */
import { describe, expect, it } from 'vitest';
import { testDeclaration } from '../testing/declaration';
import { goodEnvironment } from '../testing/environment';
import { parseConfig } from './parse-config';

function parse(changes: Record<string, string>) {
  return parseConfig({ ...goodEnvironment, ...changes }, testDeclaration);
}

function configOf(changes: Record<string, string> = {}) {
  const parsed = parse(changes);
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

describe('settings of the audit log', () => {
  it('OP-03: it is off unless it has a destination', () => {
    expect(configOf().audit).toEqual({ destination: null, hasSubjects: false, addresses: 'whole' });
    expect(configOf({ AUDIT_LOG: 'off' }).audit.destination).toBeNull();
  });

  it.each([
    ['stdout', { kind: 'stdout' }],
    ['file:/var/log/strongroom/audit.jsonl', { kind: 'file', path: '/var/log/strongroom/audit.jsonl' }],
    ['http://127.0.0.1:8088/in', { kind: 'collector', url: new URL('http://127.0.0.1:8088/in') }],
  ])('OP-03: it goes to %s', (written, destination) => {
    expect(configOf({ AUDIT_LOG: written }).audit.destination).toMatchObject(destination);
  });

  it.each([
    'yes',
    'file:audit.jsonl',
    'file:/var/log/strongroom/',
    'file:///var/log\0/a',
    'ftp://collector.example.com',
    'http://collector.example.com',
    'https://user:password@collector.example.com',
  ])('OP-01: it does not go to %s', (written) => {
    expect(parse({ AUDIT_LOG: written })).toMatchObject({
      kind: 'problems',
      problems: [{ variable: 'AUDIT_LOG' }],
    });
  });

  it.each(['a\nb', 'Bearer ü', '\u0000'])('OP-01: a header cannot hold %j', (AUDIT_LOG_AUTHORIZATION) => {
    expect(parse({ AUDIT_LOG_AUTHORIZATION }).kind).toBe('problems');
  });
});

describe('settings of traces', () => {
  const endpoint = 'http://collector:4318';

  it.each([
    [{}, false],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/v1/traces` }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' }, false],
  ])('%j: they are exported: %s', (env: Record<string, string>, isOn) => {
    expect(configOf(env).traces).toMatchObject({
      ...{ isOn, sampledShare: 0.1, hasNext: false, isParentTrusted: false },
    });
  });

  it('OP-01: a share and the trust in a proxy are read, and nothing else in their place', () => {
    expect(configOf({ OTEL_TRACES_SAMPLER_ARG: '0.05', TRACE_PARENT: 'continue' }).traces).toMatchObject({
      sampledShare: 0.05,
      isParentTrusted: true,
    });
    for (const wrong of ['1.5', '-1', 'half'])
      expect(parse({ OTEL_TRACES_SAMPLER_ARG: wrong }).kind).toBe('problems');
  });
});
