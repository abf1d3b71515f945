import { Counter, type Registry } from 'prom-client';
import { limitNames } from '../config/query-limits.ts';
import { errorCodes, requestErrorCodes } from '../errors/codes.ts';
import type { OperationReport } from '../operation.ts';
import { createDurations } from './durations.ts';
import { createHistogram } from './histogram.ts';

/** Which limit an `OVERLOADED` request hit: the caller's share, that of tokens no region has accepted, or the replica's. */
export type Share = (typeof shares)[number];

const shares = ['caller', 'unaccepted', 'replica'] as const;

/** The requests of clients and their answers. */
export interface RequestMetrics {
  /** Requests by the program that sent them. The labels come from clients: `createClients` bounds them. */
  readonly clients: Counter<'client' | 'version'>;
  readonly request: (status: number, seconds: number, report: Partial<OperationReport>) => void;
  /** The time of a request that it did not wait for regions or for its client. */
  ownTime(status: number, seconds: number): void;
  /** The codes of errors in the later parts of an answer whose first part was counted already. */
  readonly errors: (codes: readonly string[]) => void;
  /** An answer that was known, because no region said anything else. */
  recorded(): void;
  /** Counts a request or stream that was refused as `OVERLOADED`. */
  refused(share: Share): void;
}

/** Prometheus sees the first increase of a counter only if it has read the counter before: each begins at 0. */
export function createRequestMetrics(registry: Registry): RequestMetrics {
  const times = createTimes(registry);
  const countErrors = createErrorCounter(registry);
  const countQuery = createQueryMetrics(registry);
  const recorded = new Counter({
    name: 'gateway_answers_known_total',
    help: 'Answers that were known because no region said anything else than before.',
    registers: [registry],
  });
  return {
    clients: createClientCounter(registry),
    request(status, seconds, report) {
      times.whole.observe({ status }, seconds);
      countErrors(report.errorCodes ?? []);
      countQuery(report);
    },
    ownTime: (status, seconds) => times.own.observe({ status }, seconds),
    errors: countErrors,
    recorded: () => recorded.inc(),
    refused: createOverloadCounter(registry),
  };
}

function createTimes(registry: Registry) {
  const whole = createDurations(registry, 'gateway_request_duration_seconds', 'GraphQL requests by HTTP status.', [
    'status',
  ]);
  const own = createDurations(
    registry,
    'gateway_own_duration_seconds',
    'Time of GraphQL requests, without the time in which they waited for regions or for their body, by HTTP status.',
    ['status'],
  );
  for (const status of [200, 500, 503]) {
    whole.zero({ status });
    own.zero({ status });
  }
  return { whole, own };
}

function createClientCounter(registry: Registry): RequestMetrics['clients'] {
  return new Counter({
    name: 'gateway_client_requests_total',
    help: 'GraphQL requests with a token that a region has accepted, by the name and version that the client sends.',
    labelNames: ['client', 'version'],
    registers: [registry],
  });
}

function createErrorCounter(registry: Registry): RequestMetrics['errors'] {
  const errors = new Counter({
    name: 'gateway_errors_total',
    help: 'Answers that hold an error of a code, or lack a region that failed with it.',
    labelNames: ['code'],
    registers: [registry],
  });
  for (const code of Object.keys({ ...errorCodes, ...requestErrorCodes })) errors.inc({ code }, 0);
  return (codes) => {
    for (const code of codes) errors.inc({ code });
  };
}

/** What queries cost, and which limits they exceed. */
function createQueryMetrics(registry: Registry): (report: Partial<OperationReport>) => void {
  const calls = createHistogram(registry, {
    name: 'gateway_query_calls',
    help: 'REST calls that a query may cost, as counted before it was executed.',
    labelNames: [],
    buckets: [1, 2, 5, 10, 20, 50, 100, 150],
  });
  const objects = createHistogram(registry, {
    name: 'gateway_query_objects',
    help: 'Objects that an answer may hold, as counted before it was executed.',
    labelNames: [],
    buckets: [10, 100, 1_000, 10_000, 100_000, 200_000],
  });
  for (const histogram of [calls, objects]) histogram.zero({});
  const exceededLimits = new Counter({
    name: 'gateway_query_limits_exceeded_total',
    help: 'Queries beyond a limit, by the limit, whether they were refused or not.',
    labelNames: ['limit'],
    registers: [registry],
  });
  for (const limit of limitNames) exceededLimits.inc({ limit }, 0);
  return ({ cost, errorCodes = [], exceeded = {} }) => {
    for (const limit of Object.keys(exceeded)) exceededLimits.inc({ limit });
    // The figures of a refused query have no bound.
    if (!cost || errorCodes.includes('QUERY_TOO_COMPLEX')) return;
    calls.observe({}, cost.calls);
    objects.observe({}, cost.objects);
  };
}

function createOverloadCounter(registry: Registry): RequestMetrics['refused'] {
  const overloads = new Counter({
    name: 'gateway_refused_total',
    help: 'Requests and event streams refused as OVERLOADED, by the limit they hit: the share of the caller, of unaccepted tokens, or the replica.',
    labelNames: ['share'],
    registers: [registry],
  });
  for (const share of shares) overloads.inc({ share }, 0);
  return (share) => overloads.inc({ share });
}
