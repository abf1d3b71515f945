import { z } from 'zod';
import { defaultEndpoints, parseRegions, type RegionTable, withoutPassword } from '../regions.ts';
import { extraCaProblem, readClientCertificates } from './certificates.ts';
import { type Manifests, readManifests } from './persisted-documents.ts';
import { readProxies } from './proxies.ts';
import { type LimitValues, type QueryLimit, queryLimits } from './query-limits.ts';
import { findUnknownVariables, type UnknownVariable } from './unknown-variables.ts';

/** Every variable of the gateway: its default and what it does. The README prints this table. */
export const variables = {
  PORT: { fallback: '4000', meaning: 'Port to listen on; 0 takes a free one.' },
  HOST: {
    fallback: '',
    meaning: 'Address to listen on; without it all addresses, IPv6 and IPv4. The demo listens on `127.0.0.1`.',
  },
  REGIONS: {
    fallback: defaultEndpoints,
    meaning:
      'The regions and their endpoints, `code=endpoint,…`, such as `kr1=https://kr1.example,kr2=https://kr2.example`. An endpoint may end as a Keystone catalog prints it, such as `/v2/%(project_id)s`: see docs/keystone.md. The demo has its own regions.',
  },
  REGIONS_OWN_IDENTITY: {
    fallback: '',
    meaning: 'Codes of regions that are sent only their own headers (`X-Auth-Token-KR2`), never the general ones.',
  },
  ALLOW_HTTP: { fallback: 'false', meaning: '`true` allows http endpoints that are not loopback.' },
  HTTPS_PROXY: {
    fallback: '',
    meaning:
      'Proxy for https endpoints, such as `http://user:password@proxy.example:3128`. The three proxy variables may also have lower-case names, which take precedence.',
  },
  HTTP_PROXY: { fallback: '', meaning: 'Proxy for http endpoints. It has to allow `CONNECT` to their ports.' },
  NO_PROXY: {
    fallback: '',
    meaning:
      'Hosts of endpoints that are reached without proxy, separated by commas: `host`, `.domain` with all its hosts, or `*`; with `:port` that port only.',
  },
  NODE_EXTRA_CA_CERTS: {
    fallback: '',
    meaning:
      'File in PEM with authorities to trust in addition to public ones, for regions and proxies. Read at start.',
  },
  'REGION_CLIENT_CERT_<CODE>': {
    fallback: '',
    meaning:
      'File in PEM with the client certificate for a region, such as `REGION_CLIENT_CERT_KR1`; `-` in the code becomes `_`. A file that changes is read again.',
  },
  'REGION_CLIENT_KEY_<CODE>': { fallback: '', meaning: 'File in PEM with the private key of that certificate.' },
  UPSTREAM_TIMEOUT_MS: {
    fallback: '5000',
    meaning:
      'Longest time for one REST call, in milliseconds. `REQUEST_TIMEOUT_MS` limits it too; if both are set, this must not be more than that.',
  },
  REQUEST_TIMEOUT_MS: { fallback: '10000', meaning: 'Longest time for a whole request, in milliseconds.' },
  UPSTREAM_CONCURRENCY: {
    fallback: '64',
    meaning: 'REST calls to one region at once; some more wait, the rest is refused as `OVERLOADED`.',
  },
  UPSTREAM_CALLS_PER_REQUEST: {
    fallback: '450',
    meaning: 'REST calls that one request may make, retries and every page of a scan included.',
  },
  MAX_QUERY_FIELDS: ofLimit('fields'),
  MAX_QUERY_DEPTH: ofLimit('depth'),
  MAX_QUERY_ROOT_FIELDS: ofLimit('rootFields'),
  MAX_QUERY_ALIASES: ofLimit('aliases'),
  MAX_QUERY_ALIAS_LENGTH: ofLimit('aliasLength'),
  MAX_QUERY_LIST_ENTRIES: ofLimit('listEntries'),
  MAX_QUERY_CALLS: ofLimit('calls'),
  MAX_QUERY_OBJECTS: ofLimit('objects'),
  MAX_QUERY_VALUES: ofLimit('values'),
  QUERY_LIMITS: {
    fallback: 'enforce',
    meaning: '`report` executes queries beyond the limits, and logs and counts them; `enforce` refuses them.',
  },
  COST_HEADERS: {
    fallback: 'false',
    meaning: '`true` sends the cost of each query and the limits in the headers `Query-Cost` and `Query-Cost-Limit`.',
  },
  MAX_IN_FLIGHT: {
    fallback: '256',
    meaning:
      'Requests at once; some more wait, the rest is refused with 503. One token may have half of them, an eighth until a region has accepted it; all such tokens together a quarter.',
  },
  MAX_STREAMS: {
    fallback: '1000',
    meaning:
      'Event streams at once, of subscriptions; the rest is refused with 503. One token may have a tenth of them, a fortieth until a region has accepted it; all such tokens together a quarter.',
  },
  STREAM_LIFETIME_MS: {
    fallback: '900000',
    meaning: 'How long an event stream lasts at most, in milliseconds. Clients open it anew by themselves.',
  },
  POLL_INTERVAL_MS: {
    fallback: '1000',
    meaning:
      'How soon an object that somebody follows is read again, in milliseconds; while nothing changes ten times as late, half a minute at most.',
  },
  KEEP_ALIVE_TIMEOUT_MS: {
    fallback: '620000',
    meaning:
      'How long an idle connection of a client is kept for its next request, in milliseconds. It must be longer than the idle timeout of the balancer in front.',
  },
  CONNECTION_MAX_AGE_MS: {
    fallback: '600000',
    meaning:
      'Longest age of a client’s connection, in milliseconds. The first response after it says `Connection: close`, so that clients connect again, perhaps to a new replica. It varies by up to 10 % per connection. 0 for no limit.',
  },
  DRAIN_DELAY_MS: {
    fallback: '0',
    meaning: 'On SIGTERM: how long to go on serving while `/ready` says no, in milliseconds.',
  },
  CORS_ORIGINS: {
    fallback: '',
    meaning:
      'Origins whose pages may call the gateway, exactly as browsers send them, such as `https://console.example`. No wildcards.',
  },
  GRAPHQL_PATH: { fallback: '/graphql', meaning: 'Path of the GraphQL endpoint; a slash at its end is accepted too.' },
  GRAPHIQL: {
    fallback: 'false',
    meaning: '`true` serves GraphiQL to browsers at the path of GraphQL, and redirects `/` to it. On in the demo.',
  },
  INTROSPECTION: { fallback: 'false', meaning: '`true` lets clients read the schema. On in the demo.' },
  PERSISTED_DOCUMENTS: {
    fallback: '',
    meaning:
      'Manifests of persisted documents, JSON files separated by commas. Clients may then send the id of a document. A file that changes is read again.',
  },
  PERSISTED_DOCUMENTS_ONLY: { fallback: 'false', meaning: '`true` refuses every other document.' },
  FEDERATION: {
    fallback: 'false',
    meaning: '`true` makes the gateway a subgraph of Apollo Federation 2: see docs/federation.md.',
  },
  GATEWAY_TRACE: {
    fallback: 'false',
    meaning: '`true` lets `X-Gateway-Trace: 1` add every REST call to the answer. On in the demo.',
  },
  TRUST_TRACEPARENT: {
    fallback: 'false',
    meaning:
      '`true` goes on with the trace that `traceparent` names, sampled or not. Else a request begins a trace of its own, linked to it.',
  },
  EARLY_CUTOFF: {
    fallback: 'true',
    meaning:
      '`true` answers a request that comes again from memory when all regions say, byte for byte, what they said.',
  },
  MEMORY_LIMIT_MIB: {
    fallback: '',
    meaning:
      'Memory that the process may take, in MiB, at least 256. Set it if the process shares a machine: otherwise, or if that is less, the limit of the container or the machine applies.',
  },
  LOG_LEVEL: { fallback: 'info', meaning: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.' },
  AUDIT_KEY: {
    fallback: '',
    meaning:
      'Secret. With it each line of the audit log has a keyed hash of the token, so that the lines of one token can be found. At least 16 characters, the same on all replicas: see docs/operations.md.',
  },
  METRICS_PORT: {
    fallback: '',
    meaning: 'Serves `/metrics` on this port, and no longer on `PORT`. It must be another port than `PORT`.',
  },
  SIMULATOR_PORT: { fallback: '4100', meaning: 'Demo and `npm run simulator`: port of the first simulated region.' },
  SIMULATOR_DOWN: {
    fallback: '',
    meaning: 'Demo and `npm run simulator`: codes of simulated regions that are down, such as `kr2,jp1`.',
  },
} as const satisfies Record<string, { fallback: string; meaning: string }>;

/** A variable of a limit. The README lists these variables in the table of limits. */
function ofLimit(limit: QueryLimit) {
  const { most, counts } = queryLimits[limit];
  return { fallback: String(most), meaning: counts };
}

export interface Config {
  readonly port: number;
  /** Null for all addresses, IPv6 and IPv4. */
  readonly host: string | null;
  readonly regions: RegionTable;
  /** Longest time for one REST call, in milliseconds. */
  readonly upstreamTimeoutMs: number;
  /** Longest time for a whole request, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** REST calls to one region at once. */
  readonly upstreamConcurrency: number;
  /** REST calls that one request may make, retries included. */
  readonly upstreamCallsPerRequest: number;
  readonly queryLimits: LimitValues;
  /** False if queries beyond a limit are executed and reported. */
  readonly areQueryLimitsEnforced: boolean;
  readonly costHeaders: boolean;
  /** Requests at once. */
  readonly maxInFlight: number;
  /** Event streams at once. */
  readonly maxStreams: number;
  /** How long an event stream lasts at most, in milliseconds. */
  readonly streamLifetimeMs: number;
  /** The shortest time from one read of an object that is followed to the next, in milliseconds. */
  readonly pollIntervalMs: number;
  /** How long an idle connection of a client is kept, in milliseconds. */
  readonly keepAliveTimeoutMs: number;
  /** Age at which a connection of a client is not kept any longer, in milliseconds; 0 for none. */
  readonly connectionMaxAgeMs: number;
  /** How long to go on serving after SIGTERM, in milliseconds. */
  readonly drainDelayMs: number;
  readonly corsOrigins: readonly string[];
  /** Without a slash at its end. */
  readonly graphqlPath: string;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  /** Null if no manifest is configured. */
  readonly persistedDocuments: Manifests | null;
  readonly persistedDocumentsOnly: boolean;
  readonly federation: boolean;
  readonly trace: boolean;
  readonly trustTraceparent: boolean;
  readonly earlyCutoff: boolean;
  /** Memory that the process may take, in MiB; null where nothing more than the machine limits it. */
  readonly memoryLimitMib: number | null;
  readonly logLevel: (typeof logLevels)[number];
  /** The key of the hashes that stand for tokens in the audit log; null for none. */
  readonly auditKey: string | null;
  readonly metricsPort: number | null;
  /** The demo's alone, as is the next. */
  readonly simulatorPort: number;
  readonly simulatorDown: readonly string[];
}

/** The configuration cannot be used; the message names every problem, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(problems: readonly string[]) {
    super(['The configuration cannot be used:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration from environment variables; an empty one counts as left out.
 * @throws `ConfigError` with all problems at once.
 */
export function readConfig(environment: Environment): Config {
  const texts = Object.fromEntries(
    Object.entries(variables).map(([name, { fallback }]) => [name, environment[name]?.trim() || fallback]),
  );
  const read = Variables.safeParse(texts);
  const problems = read.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    problems.push('NODE_TLS_REJECT_UNAUTHORIZED: must not be 0: tokens would go to anybody who answers');
  const { regions, problems: regionProblems } = parseRegions(texts.REGIONS ?? '', {
    allowHttp: texts.ALLOW_HTTP === 'true',
    ownIdentity: words(texts.REGIONS_OWN_IDENTITY ?? ''),
  });
  if (texts.PERSISTED_DOCUMENTS_ONLY === 'true' && words(texts.PERSISTED_DOCUMENTS ?? '').length === 0)
    problems.push('PERSISTED_DOCUMENTS_ONLY: would refuse everything: name the documents in PERSISTED_DOCUMENTS');
  problems.push(...regionProblems.map((problem) => `REGIONS: ${problem}`));
  const { proxyOf, problems: proxyProblems } = readProxies(environment);
  const { certificates, problems: certificateProblems } = readClientCertificates(environment, regions);
  const caProblem = extraCaProblem(environment.NODE_EXTRA_CA_CERTS);
  problems.push(...proxyProblems, ...certificateProblems, ...(caProblem ? [`NODE_EXTRA_CA_CERTS: ${caProblem}`] : []));
  if (read.success) problems.push(...contradictionsIn(read.data, environment));
  if (!read.success || problems.length > 0) throw new ConfigError(problems);
  const values = read.data;
  return {
    port: values.PORT,
    host: values.HOST || null,
    regions: regions.map((region) => ({
      ...region,
      proxy: proxyOf(region.endpoint),
      clientCertificate: certificates.get(region.code) ?? null,
    })),
    upstreamTimeoutMs: Math.min(values.UPSTREAM_TIMEOUT_MS, values.REQUEST_TIMEOUT_MS),
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
    upstreamConcurrency: values.UPSTREAM_CONCURRENCY,
    upstreamCallsPerRequest: values.UPSTREAM_CALLS_PER_REQUEST,
    queryLimits: {
      fields: values.MAX_QUERY_FIELDS,
      depth: values.MAX_QUERY_DEPTH,
      rootFields: values.MAX_QUERY_ROOT_FIELDS,
      aliases: values.MAX_QUERY_ALIASES,
      aliasLength: values.MAX_QUERY_ALIAS_LENGTH,
      listEntries: values.MAX_QUERY_LIST_ENTRIES,
      calls: values.MAX_QUERY_CALLS,
      objects: values.MAX_QUERY_OBJECTS,
      values: values.MAX_QUERY_VALUES,
    },
    areQueryLimitsEnforced: values.QUERY_LIMITS === 'enforce',
    costHeaders: values.COST_HEADERS,
    maxInFlight: values.MAX_IN_FLIGHT,
    maxStreams: values.MAX_STREAMS,
    streamLifetimeMs: values.STREAM_LIFETIME_MS,
    pollIntervalMs: values.POLL_INTERVAL_MS,
    keepAliveTimeoutMs: values.KEEP_ALIVE_TIMEOUT_MS,
    connectionMaxAgeMs: values.CONNECTION_MAX_AGE_MS,
    drainDelayMs: values.DRAIN_DELAY_MS,
    corsOrigins: values.CORS_ORIGINS,
    graphqlPath: values.GRAPHQL_PATH,
    graphiql: values.GRAPHIQL,
    introspection: values.INTROSPECTION,
    persistedDocuments: values.PERSISTED_DOCUMENTS,
    persistedDocumentsOnly: values.PERSISTED_DOCUMENTS_ONLY,
    federation: values.FEDERATION,
    trace: values.GATEWAY_TRACE,
    trustTraceparent: values.TRUST_TRACEPARENT,
    earlyCutoff: values.EARLY_CUTOFF,
    memoryLimitMib: values.MEMORY_LIMIT_MIB,
    logLevel: values.LOG_LEVEL,
    auditKey: values.AUDIT_KEY || null,
    metricsPort: values.METRICS_PORT,
    simulatorPort: values.SIMULATOR_PORT,
    simulatorDown: values.SIMULATOR_DOWN,
  };
}

/** Variables of the environment that look like misspelled ones of the gateway, with the names that were probably meant. */
export function unknownVariables(environment: Environment): UnknownVariable[] {
  return findUnknownVariables(environment, Object.keys(variables));
}

/** The other paths that the gateway serves. */
const reservedPaths = ['/health', '/ready', '/metrics'];

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Kubernetes sets `METRICS_PORT=tcp://10.0.0.1:9464` in a container if a Service is called `metrics`. */
const portText = z.string().refine((text) => !/^\w+:\/\//.test(text), {
  error:
    'must be a port, but holds an address, as Kubernetes sets it for a Service: write enableServiceLinks: false in the spec of the pod, or set the port',
});

const flag = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `must be a whole number from ${least} to ${most}`,
    })
    .transform(Number);

const upToCeiling = (limit: QueryLimit) => wholeNumber(1, queryLimits[limit].ceiling);

const numberOrNull = (least: number, most: number) =>
  z.union([z.literal('').transform(() => null), wholeNumber(least, most)], {
    error: `must be a whole number from ${least} to ${most}, or empty`,
  });

const Variables = z.object({
  PORT: portText.pipe(wholeNumber(0, 65_535)),
  HOST: z.string(),
  ALLOW_HTTP: flag,
  UPSTREAM_TIMEOUT_MS: wholeNumber(1, 600_000),
  REQUEST_TIMEOUT_MS: wholeNumber(1, 600_000),
  UPSTREAM_CONCURRENCY: wholeNumber(1, 1024),
  UPSTREAM_CALLS_PER_REQUEST: wholeNumber(1, 100_000),
  MAX_QUERY_FIELDS: upToCeiling('fields'),
  MAX_QUERY_DEPTH: upToCeiling('depth'),
  MAX_QUERY_ROOT_FIELDS: upToCeiling('rootFields'),
  MAX_QUERY_ALIASES: upToCeiling('aliases'),
  MAX_QUERY_ALIAS_LENGTH: upToCeiling('aliasLength'),
  MAX_QUERY_LIST_ENTRIES: upToCeiling('listEntries'),
  MAX_QUERY_CALLS: upToCeiling('calls'),
  MAX_QUERY_OBJECTS: upToCeiling('objects'),
  MAX_QUERY_VALUES: upToCeiling('values'),
  QUERY_LIMITS: z.enum(['enforce', 'report'], 'must be enforce or report'),
  COST_HEADERS: flag,
  MAX_IN_FLIGHT: wholeNumber(1, 100_000),
  MAX_STREAMS: wholeNumber(1, 100_000),
  STREAM_LIFETIME_MS: wholeNumber(1_000, 86_400_000),
  POLL_INTERVAL_MS: wholeNumber(10, 10_000),
  KEEP_ALIVE_TIMEOUT_MS: wholeNumber(1_000, 86_400_000),
  CONNECTION_MAX_AGE_MS: wholeNumber(0, 86_400_000),
  DRAIN_DELAY_MS: wholeNumber(0, 600_000),
  CORS_ORIGINS: z.string().transform(readOrigins),
  GRAPHQL_PATH: z
    .string()
    .transform((path) => path.replace(/([^/])\/$/, '$1'))
    .refine(isGraphqlPath, `must be a path such as /graphql, and none of ${reservedPaths.join(', ')}`),
  GRAPHIQL: flag,
  INTROSPECTION: flag,
  PERSISTED_DOCUMENTS: z.string().transform(readManifestList),
  PERSISTED_DOCUMENTS_ONLY: flag,
  FEDERATION: flag,
  GATEWAY_TRACE: flag,
  TRUST_TRACEPARENT: flag,
  EARLY_CUTOFF: flag,
  AUDIT_KEY: z
    .string()
    .refine(
      isEmptyOrLong,
      'must have at least 16 characters: write the output of `openssl rand -hex 32`, or leave it empty',
    ),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`),
  SIMULATOR_PORT: portText.pipe(wholeNumber(0, 65_533)),
  SIMULATOR_DOWN: z.string().transform(words),
  METRICS_PORT: portText.pipe(numberOrNull(0, 65_535)),
  MEMORY_LIMIT_MIB: numberOrNull(256, 1_048_576),
});

/** A reader of the log who has a token could find a short key by brute force. */
function isEmptyOrLong(key: string): boolean {
  return key === '' || key.length >= 16;
}

function readManifestList(text: string, context: z.RefinementCtx): Manifests | null {
  const paths = words(text);
  if (paths.length === 0) return null;
  try {
    return readManifests(paths);
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
    return z.NEVER;
  }
}

function isGraphqlPath(path: string): boolean {
  const isWritten = /^\/[\w./~-]*$/.test(path) && !path.includes('//');
  return isWritten && new URL(path, 'http://gateway').pathname === path && !reservedPaths.includes(path);
}

function words(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function readOrigins(text: string, context: z.RefinementCtx): string[] {
  const origins = words(text);
  for (const origin of origins) {
    const problem = originProblem(origin);
    if (problem) context.addIssue(`"${withoutPassword(origin)}" ${problem}`);
  }
  return origins;
}

/**
 * What is wrong with an entry, and what to write instead; null if a browser can send it as `Origin`. The header is compared
 * byte by byte.
 */
function originProblem(text: string): string | null {
  const example = 'such as https://console.example';
  if (text.includes('*')) return `holds a wildcard, which matches nothing: write each origin in full, ${example}`;
  if (!/^https?:\/\//i.test(text)) return `must begin with https:// or http://: write an origin ${example}`;
  const url = URL.parse(text);
  if (!url || !hostPattern.test(url.hostname)) return `has no valid host: write an origin ${example}`;
  return url.origin === text ? null : `is not what browsers send: write ${url.origin}`;
}

/** Allows more than DNS does, such as `_`: browsers load pages of such hosts. IPv6 literals have been parsed before. */
const hostPattern = /^(?:\[[0-9a-f:]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)$/;

/** Values that are possible alone, but not together. */
function contradictionsIn(values: z.output<typeof Variables>, environment: Environment): string[] {
  const isSet = (name: keyof typeof variables) => Boolean(environment[name]?.trim());
  const { PORT, METRICS_PORT, UPSTREAM_TIMEOUT_MS, REQUEST_TIMEOUT_MS } = values;
  const problems: string[] = [];
  // If one of them is the default, the shorter one is the time of a call.
  if (isSet('UPSTREAM_TIMEOUT_MS') && isSet('REQUEST_TIMEOUT_MS') && UPSTREAM_TIMEOUT_MS > REQUEST_TIMEOUT_MS)
    problems.push(
      `UPSTREAM_TIMEOUT_MS: ${UPSTREAM_TIMEOUT_MS} is more than REQUEST_TIMEOUT_MS: write at most ${REQUEST_TIMEOUT_MS}, or a longer REQUEST_TIMEOUT_MS`,
    );
  if (METRICS_PORT === PORT && PORT !== 0)
    problems.push(`METRICS_PORT: ${PORT} is also PORT: write another port, or leave METRICS_PORT empty`);
  return problems;
}
