/** Counts the events of the application (base/events.ts): the metrics know nothing that the log could not say. */
import 'server-only';
import type { Histogram, Meter } from '@opentelemetry/api';
import { type EventFields, type EventName, eventNames, type LoggedEvent } from '../base/events';
import { rejectionStatuses } from '../server/rejection';
import { rejectionReasons } from '../session/loaded-session';
import { createClosedCounter, eachOf } from './closed-counter';
import { groupOfFailure, results } from './failure-groups';

/** The time up to the last byte, in seconds. */
const boundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Each API has 18 series: those beyond count as one. */
const maxApis = 3;
const outcomes = ['ok', 'unauthorized', 'rate_limited', 'client_error', 'server_error', 'timeout', 'network'];
/** By the first digit of the status. */
const classes = new Map([2, 3, 4, 5].map((digit) => [digit, { class: `${digit}xx` }]));

type Count = (fields: EventFields) => void;

export function countEvents(meter: Meter, apiNames: readonly string[]): (logged: LoggedEvent) => void {
  const names = { name: 'strongroom_events', description: 'Events, as in the log' };
  const events = createClosedCounter(meter, names, eachOf('event', eventNames));
  const more: Partial<Record<EventName, Count>> = {
    ...countResults(meter),
    ...countRejections(meter),
    ...countCalls(meter, apiNames),
    ...countRequests(meter),
  };
  return ({ event, fields }) => {
    events.add(event);
    more[event]?.(fields);
  };
}

function countResults(meter: Meter): Partial<Record<EventName, Count>> {
  const of = (name: string, description: string) =>
    createClosedCounter(meter, { name, description }, eachOf('result', results));
  const signIns = of('strongroom_sign_ins', 'Sign-ins that came to an end, by code of their failure');
  const refreshes = of('strongroom_refreshes', 'Refreshes that were sent, by code of their failure');
  const saved = createClosedCounter(
    meter,
    { name: 'strongroom_refreshes_saved', description: 'Refreshes that another one made needless' },
    eachOf('by', ['cache', 'flight']),
  );
  const failSignIn: Count = ({ code, reason }) => signIns.add(groupOfFailure(code, reason));
  return {
    signed_in: () => signIns.add('ok'),
    sign_in_rejected: failSignIn,
    sign_in_not_started: failSignIn,
    tokens_refreshed: () => refreshes.add('ok'),
    refresh_failed: ({ code, reason }) => refreshes.add(groupOfFailure(code, reason)),
    refresh_saved: ({ by }) => saved.add(String(by)),
  };
}

function countRejections(meter: Meter): Partial<Record<EventName, Count>> {
  const sessions = createClosedCounter(
    meter,
    {
      name: 'strongroom_sessions_rejected',
      description: 'Requests with a session that is not valid any more',
    },
    eachOf('reason', rejectionReasons),
  );
  const requests = createClosedCounter(
    meter,
    { name: 'strongroom_requests_rejected', description: 'Requests that the server guard rejected' },
    eachOf('status', rejectionStatuses),
  );
  return {
    session_rejected: ({ reason }) => sessions.add(String(reason)),
    request_rejected: ({ status = 0 }) => requests.add(status),
  };
}

function countCalls(meter: Meter, apiNames: readonly string[]): Partial<Record<EventName, Count>> {
  const named = apiNames.slice(0, maxApis);
  const labels = apiNames.length > maxApis ? [...named, 'other'] : named;
  const series = labels.flatMap((api) =>
    outcomes.map((outcome) => [`${api} ${outcome}`, { api, outcome }] as const),
  );
  const calls = createClosedCounter(
    meter,
    { name: 'strongroom_api_requests', description: 'Requests to the APIs' },
    new Map(series),
  );
  const labelsOf = new Map(labels.map((api) => [api, { api }]));
  const times = createHistogram(meter, 'strongroom_api_request_duration_seconds', 'Time of requests to APIs');
  return {
    api_called: (fields) => {
      const api = named.includes(String(fields.api)) ? String(fields.api) : 'other';
      calls.add(`${api} ${outcomeOf(fields)}`);
      times.record((fields.durationMs ?? 0) / 1000, labelsOf.get(api));
    },
  };
}

/** A browser that has left is no outcome of the API. */
function outcomeOf({ status, failure }: EventFields): string | null {
  if (failure === 'timeout') return 'timeout';
  if (failure === 'caller_gone' || failure === 'request_cut') return null;
  if (status === undefined) return 'network';
  if (status === 401) return 'unauthorized';
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'server_error';
  return status >= 400 ? 'client_error' : 'ok';
}

function countRequests(meter: Meter): Partial<Record<EventName, Count>> {
  const requests = createClosedCounter(
    meter,
    { name: 'strongroom_http_requests', description: 'Requests of browsers that are answered' },
    classes,
  );
  const times = createHistogram(meter, 'strongroom_http_request_duration_seconds', 'Time of these requests');
  return {
    request_completed: ({ status = 0, durationMs = 0, isStream }) => {
      requests.add(Math.floor(status / 100));
      if (isStream !== true) times.record(durationMs / 1000);
    },
  };
}

function createHistogram(meter: Meter, name: string, description: string): Histogram {
  const advice = { explicitBucketBoundaries: boundaries };
  return meter.createHistogram(name, { description, unit: 's', advice });
}
