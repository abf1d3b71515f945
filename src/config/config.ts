import type { LevelWithSilent } from 'pino';
import type { RegionTable } from '../regions.ts';
import type { Manifests } from './persisted-documents.ts';
import type { LimitValues } from './query-limits.ts';

/** What the environment variables say. */
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
  readonly showsExchanges: boolean;
  readonly trustTraceparent: boolean;
  readonly usesFastPaths: boolean;
  /** Memory that the process may take, in MiB; null where nothing more than the machine limits it. */
  readonly memoryLimitMib: number | null;
  readonly logLevel: LevelWithSilent;
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
