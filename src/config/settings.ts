import { z } from 'zod';
import type { Config } from './config.ts';
import type { Variable } from './environment.ts';
import { readOrigins } from './origins.ts';
import {
  auditKey,
  enforceOrReport,
  flag,
  graphqlPath,
  logLevel,
  numberOrNull,
  portText,
  readManifestList,
  textOrNull,
  wholeNumber,
  wordsOf,
} from './parsers.ts';
import { callsPerRequestCeiling } from './query-limits.ts';

/** A variable that is one member of the configuration. */
export interface Setting extends Variable {
  readonly member: string;
  /** Reads the text of the variable. */
  readonly parser: z.ZodType;
}

/**
 * Each variable that is one member of `Config`: a new one is an entry here and a member there. The README prints this table.
 */
export const settings = {
  PORT: {
    member: 'port',
    fallback: '4000',
    parser: portText.pipe(wholeNumber(0, 65_535)),
    meaning: 'Port to listen on; 0 takes a free one.',
  },
  HOST: {
    member: 'host',
    fallback: '',
    parser: textOrNull,
    meaning: 'Address to listen on; without it all addresses, IPv6 and IPv4. The demo listens on `127.0.0.1`.',
  },
  UPSTREAM_TIMEOUT_MS: {
    member: 'upstreamTimeoutMs',
    fallback: '5000',
    parser: wholeNumber(1, 600_000),
    meaning:
      'Longest time for one REST call, in milliseconds. `REQUEST_TIMEOUT_MS` limits it too; if both are set, this must not be more than that.',
  },
  REQUEST_TIMEOUT_MS: {
    member: 'requestTimeoutMs',
    fallback: '10000',
    parser: wholeNumber(1, 600_000),
    meaning: 'Longest time for a whole request, in milliseconds.',
  },
  UPSTREAM_CONCURRENCY: {
    member: 'upstreamConcurrency',
    fallback: '64',
    parser: wholeNumber(1, 1024),
    meaning: 'REST calls to one region at once; some more wait, the rest is refused as `OVERLOADED`.',
  },
  UPSTREAM_CALLS_PER_REQUEST: {
    member: 'upstreamCallsPerRequest',
    fallback: '450',
    parser: wholeNumber(1, callsPerRequestCeiling),
    meaning: 'REST calls that one request may make, retries and every page of a scan included.',
  },
  QUERY_LIMITS: {
    member: 'areQueryLimitsEnforced',
    fallback: 'enforce',
    parser: enforceOrReport,
    meaning: '`report` executes queries beyond the limits, and logs and counts them; `enforce` refuses them.',
  },
  COST_HEADERS: {
    member: 'costHeaders',
    fallback: 'false',
    parser: flag,
    meaning: '`true` sends the cost of each query and the limits in the headers `Query-Cost` and `Query-Cost-Limit`.',
  },
  MAX_IN_FLIGHT: {
    member: 'maxInFlight',
    fallback: '256',
    parser: wholeNumber(1, 100_000),
    meaning:
      'Requests at once; some more wait, the rest is refused with 503. One token may have half of them, an eighth until a region has accepted it; all such tokens together a quarter.',
  },
  MAX_STREAMS: {
    member: 'maxStreams',
    fallback: '1000',
    parser: wholeNumber(1, 100_000),
    meaning:
      'Event streams at once, of subscriptions; the rest is refused with 503. One token may have a tenth of them, a fortieth until a region has accepted it; all such tokens together a quarter.',
  },
  STREAM_LIFETIME_MS: {
    member: 'streamLifetimeMs',
    fallback: '900000',
    parser: wholeNumber(1_000, 86_400_000),
    meaning: 'How long an event stream lasts at most, in milliseconds. Clients open it anew by themselves.',
  },
  POLL_INTERVAL_MS: {
    member: 'pollIntervalMs',
    fallback: '1000',
    parser: wholeNumber(10, 10_000),
    meaning:
      'How soon an object or a list that somebody follows is read again, in milliseconds. While nothing changes an object is read up to ten times as late, half a minute at most, and a list of one page up to 18 times as late, 18 s at most.',
  },
  KEEP_ALIVE_TIMEOUT_MS: {
    member: 'keepAliveTimeoutMs',
    fallback: '620000',
    parser: wholeNumber(1_000, 86_400_000),
    meaning:
      'How long an idle connection of a client is kept for its next request, in milliseconds. It must be longer than the idle timeout of the balancer in front.',
  },
  CONNECTION_MAX_AGE_MS: {
    member: 'connectionMaxAgeMs',
    fallback: '600000',
    parser: wholeNumber(0, 86_400_000),
    meaning:
      'Longest age of a client’s connection, in milliseconds. The first response after it says `Connection: close`, so that clients connect again, perhaps to a new replica. It varies by up to 10 % per connection. 0 for no limit.',
  },
  DRAIN_DELAY_MS: {
    member: 'drainDelayMs',
    fallback: '0',
    parser: wholeNumber(0, 600_000),
    meaning: 'On SIGTERM: how long to go on serving while `/ready` says no, in milliseconds.',
  },
  CORS_ORIGINS: {
    member: 'corsOrigins',
    fallback: '',
    parser: z.string().transform(readOrigins),
    meaning:
      'Origins whose pages may call the gateway, exactly as browsers send them, such as `https://console.example`. No wildcards.',
  },
  GRAPHQL_PATH: {
    member: 'graphqlPath',
    fallback: '/graphql',
    parser: graphqlPath,
    meaning: 'Path of the GraphQL endpoint; a slash at its end is accepted too.',
  },
  GRAPHIQL: {
    member: 'graphiql',
    fallback: 'false',
    parser: flag,
    meaning: '`true` serves GraphiQL to browsers at the path of GraphQL, and redirects `/` to it. On in the demo.',
  },
  INTROSPECTION: {
    member: 'introspection',
    fallback: 'false',
    parser: flag,
    meaning: '`true` lets clients read the schema. On in the demo.',
  },
  PERSISTED_DOCUMENTS: {
    member: 'persistedDocuments',
    fallback: '',
    parser: z.string().transform(readManifestList),
    meaning:
      'Manifests of persisted documents, JSON files separated by commas. Clients may then send the id of a document. A file that changes is read again.',
  },
  PERSISTED_DOCUMENTS_ONLY: {
    member: 'persistedDocumentsOnly',
    fallback: 'false',
    parser: flag,
    meaning: '`true` refuses every other document.',
  },
  FEDERATION: {
    member: 'federation',
    fallback: 'false',
    parser: flag,
    meaning: '`true` makes the gateway a subgraph of Apollo Federation 2: see docs/federation.md.',
  },
  GATEWAY_TRACE: {
    member: 'showsExchanges',
    fallback: 'false',
    parser: flag,
    meaning: '`true` lets `X-Gateway-Trace: 1` add every REST call to the answer. On in the demo.',
  },
  TRUST_TRACEPARENT: {
    member: 'trustTraceparent',
    fallback: 'false',
    parser: flag,
    meaning:
      '`true` goes on with the trace that `traceparent` names, sampled or not. Else a request begins a trace of its own, linked to it.',
  },
  EARLY_CUTOFF: {
    member: 'usesFastPaths',
    fallback: 'true',
    parser: flag,
    meaning:
      '`false` sends no recorded answer, reuses no row or page, and measures every query again. The answers are the same.',
  },
  MEMORY_LIMIT_MIB: {
    member: 'memoryLimitMib',
    fallback: '',
    parser: numberOrNull(256, 1_048_576),
    meaning:
      'Memory that the process may take, in MiB, at least 256. Set it if the process shares a machine: otherwise, or if that is less, the limit of the container or the machine applies.',
  },
  LOG_LEVEL: {
    member: 'logLevel',
    fallback: 'info',
    parser: logLevel,
    meaning: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.',
  },
  AUDIT_KEY: {
    member: 'auditKey',
    fallback: '',
    parser: auditKey,
    meaning:
      'Secret. With it each line of the audit log has a keyed hash of the token, so that the lines of one token can be found. At least 16 characters, the same on all replicas: see docs/operations.md.',
  },
  METRICS_PORT: {
    member: 'metricsPort',
    fallback: '',
    parser: portText.pipe(numberOrNull(0, 65_535)),
    meaning: 'Serves `/metrics` on this port, and no longer on `PORT`. It must be another port than `PORT`.',
  },
  SIMULATOR_PORT: {
    member: 'simulatorPort',
    fallback: '4100',
    parser: portText.pipe(wholeNumber(0, 65_533)),
    meaning: 'Demo and `npm run simulator`: port of the first simulated region.',
  },
  SIMULATOR_DOWN: {
    member: 'simulatorDown',
    fallback: '',
    parser: z.string().transform(wordsOf),
    meaning: 'Demo and `npm run simulator`: codes of simulated regions that are down, such as `kr2,jp1`.',
  },
} as const satisfies Record<string, Setting & { readonly member: keyof Config }>;
