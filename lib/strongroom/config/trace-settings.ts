/** Whether traces are exported, and of which requests: the variables of OpenTelemetry, and one of ours. Pure. */
import { z } from 'zod';
import { findAddressProblem } from './web-address';

/** variables.ts has the type of a row. */
export const traceVariables = [
  {
    name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    purpose: 'Address for traces alone, in place of that one.',
    example: '',
    fallback: 'none',
  },
  {
    name: 'OTEL_TRACES_EXPORTER',
    purpose: 'Whether traces are pushed where one of these is set: `otlp` or `none`.',
    example: 'otlp',
    fallback: 'otlp',
  },
  {
    name: 'OTEL_TRACES_SAMPLER_ARG',
    purpose: 'Share of the requests that are traced (0 to 1).',
    example: '0.1',
    fallback: '0.1',
  },
  {
    name: 'TRACE_NEXT',
    purpose: 'Whether traces have the spans of Next.js too, which are many: `on` or `off`.',
    example: 'off',
    fallback: 'off',
  },
  {
    name: 'TRACE_PARENT',
    purpose:
      'What a `traceparent` of an incoming request means: `ignore`, or `continue` behind a proxy that replaces what its clients send.',
    example: 'ignore',
    fallback: 'ignore',
  },
] as const;

const endpoint = z.string().superRefine((value, check) => {
  const message = findAddressProblem(value, true);
  if (message !== null) check.addIssue({ code: 'custom', message });
});

export const traceRules = {
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint.optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], 'must be otlp or none'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number('must be a number from 0 to 1')
    .min(0, 'must be at least 0')
    .max(1, 'must be at most 1'),
  TRACE_NEXT: z.enum(['on', 'off'], 'must be on or off'),
  TRACE_PARENT: z.enum(['ignore', 'continue'], 'must be ignore or continue'),
};

export type TraceSettings = {
  isOn: boolean;
  /** Which variable names the collector. */
  collectorVariable: string;
  /** Of the requests, from 0 to 1. */
  sampledShare: number;
  hasNext: boolean;
  /** Whether a request may name the trace that it belongs to. */
  isParentTrusted: boolean;
};

type Values = z.infer<z.ZodObject<typeof traceRules>> & {
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
};

export function readTraceSettings(values: Values): TraceSettings {
  const own = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  const collectorVariable = values[own] === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : own;
  return {
    isOn: values[collectorVariable] !== undefined && values.OTEL_TRACES_EXPORTER === 'otlp',
    collectorVariable,
    sampledShare: values.OTEL_TRACES_SAMPLER_ARG,
    hasNext: values.TRACE_NEXT === 'on',
    isParentTrusted: values.TRACE_PARENT === 'continue',
  };
}
