/** A layer of `src/`. */
export interface Layer {
  /** A file, or a folder with a slash at its end, within `src/`. */
  readonly place: string;
  /** What belongs there, in Markdown. */
  readonly subject: string;
  /** The layers that it may import, all of them further down in the list. */
  readonly imports: readonly string[];
  /** The packages that it may import, as patterns. */
  readonly packages: readonly string[];
  /** What it may not import from a file although it may import the file: types travel further than functions. */
  readonly except?: Readonly<Record<string, string>>;
}

/**
 * The layers of `src/`, from the top down. `npm run docs` makes the table of README.md and the linter's rules in
 * `biome.layers.json` from this list; a test holds them equal.
 */
export const layers: readonly Layer[] = [
  {
    place: 'main.ts',
    subject: 'the process: configuration, log, signals',
    imports: ['http/server.ts', 'telemetry/flush-spans.ts', 'telemetry/logger.ts', 'config/'],
    packages: ['close-with-grace', 'node:*', '../package.json'],
  },
  {
    place: 'demo.ts',
    subject: 'the gateway over simulated regions',
    imports: ['http/server.ts', 'http/graphiql/', 'telemetry/logger.ts', 'config/', 'simulator/demo.ts'],
    packages: ['close-with-grace'],
  },
  {
    place: 'http/',
    subject:
      'the HTTP server: admits requests, reads them, answers them; the only place that writes the headers, log line and metrics of a request',
    imports: [
      'replay/',
      'gateway/answer.ts',
      'gateway/gateway.ts',
      'telemetry/',
      'operation.ts',
      'config/config.ts',
      'errors/',
      'upstream/send.ts',
      'upstream/caller.ts',
      'upstream/failure.ts',
      'upstream/trace-context.ts',
      'fairness/',
      'regions.ts',
      'digest.ts',
    ],
    packages: [
      'node:*',
      'graphql-yoga',
      '@graphql-yoga/render-graphiql',
      '@opentelemetry/api',
      'lru-cache',
      'negotiator',
    ],
  },
  {
    place: 'replay/',
    subject: 'answers a repeated request from its record if every region says what it said before',
    imports: [
      'gateway/answer.ts',
      'operation.ts',
      'upstream/send.ts',
      'upstream/answer-body.ts',
      'fairness/work.ts',
      'digest.ts',
      'kept/',
    ],
    packages: ['node:*'],
  },
  {
    place: 'gateway/',
    subject: 'GraphQL Yoga, its plugins and the layers of `upstream/`, put together',
    imports: [
      'plugins/',
      'messages/',
      'schema/index.ts',
      'context.ts',
      'cost/',
      'execution/',
      'live/live-objects.ts',
      'block-storage/kept-pages.ts',
      'telemetry/',
      'operation.ts',
      'config/',
      'errors/',
      'upstream/',
      'fairness/',
      'regions.ts',
    ],
    packages: ['graphql', 'graphql-yoga', 'lru-cache'],
  },
  {
    place: 'plugins/',
    subject: 'the plugins of GraphQL Yoga, one a file',
    imports: [
      'messages/',
      'context.ts',
      'cost/',
      'execution/',
      'telemetry/logger.ts',
      'operation.ts',
      'config/query-limits.ts',
      'errors/coded-error.ts',
      'fairness/',
    ],
    packages: ['node:*', 'graphql', 'graphql-yoga'],
    except: { 'context.ts': 'createContext' },
  },
  {
    place: 'messages/',
    subject:
      'the errors that refuse a document or its variables, without repeating any of the values, and the masking of faults',
    imports: ['execution/collect.ts', 'errors/'],
    packages: ['graphql'],
  },
  {
    place: 'schema/',
    subject:
      'the types, one noun a file (`volume.ts`), its lists and lookups (`volume-query.ts`), its changes (`volume-mutation.ts`) and its subscription (`volume-subscription.ts`)',
    imports: ['context.ts', 'aggregation/', 'cost/', 'execution/collect.ts', 'errors/', 'block-storage/', 'regions.ts'],
    packages: ['@pothos/*', 'graphql', 'graphql-scalars', '@graphql-tools/utils', 'zod', 'p-limit'],
    except: { 'context.ts': 'createContext', 'block-storage/client.ts': 'createClient' },
  },
  {
    place: 'context.ts',
    subject: 'what resolvers work with: one per request',
    imports: [
      'live/live-objects.ts',
      'loaders/index.ts',
      'telemetry/audit-log.ts',
      'operation.ts',
      'errors/',
      'block-storage/',
      'upstream/send.ts',
      'upstream/error.ts',
      'regions.ts',
    ],
    packages: [],
  },
  {
    place: 'live/',
    subject: 'reads an object again and again for subscriptions, once for all who follow it',
    imports: [
      'telemetry/poll-span.ts',
      'block-storage/',
      'upstream/send.ts',
      'upstream/caller.ts',
      'upstream/error.ts',
      'fairness/',
      'regions.ts',
      'digest.ts',
    ],
    packages: ['node:*', '@repeaterjs/repeater'],
  },
  {
    place: 'loaders/',
    subject: 'what one request reads of one region, each thing once',
    imports: ['block-storage/'],
    packages: ['dataloader'],
  },
  {
    place: 'aggregation/',
    subject: 'merging regions: pages, cursors, filters, counts, the summary',
    imports: ['block-storage/', 'regions.ts'],
    packages: ['node:*'],
  },
  {
    place: 'cost/',
    subject: 'what a query costs: declared beside each field, and measured before the query is executed',
    imports: ['execution/collect.ts', 'block-storage/page.ts'],
    packages: ['graphql'],
  },
  {
    place: 'execution/',
    subject: 'executes queries by plans that are made once for each document, and writes the JSON as it goes',
    imports: ['kept/'],
    packages: ['graphql'],
  },
  {
    place: 'telemetry/',
    subject: 'what the operator reads: log lines, the audit log, metrics, spans',
    imports: [
      'operation.ts',
      'config/config.ts',
      'config/query-limits.ts',
      'errors/',
      'block-storage/error.ts',
      'upstream/',
      'fairness/memory.ts',
      'regions.ts',
    ],
    packages: ['node:*', 'pino', 'prom-client', '@opentelemetry/api', '../../package.json'],
  },
  {
    place: 'operation.ts',
    subject: 'the words of all layers for one GraphQL operation: what is asked, what it costs, what came of it',
    imports: ['config/query-limits.ts', 'fairness/work.ts'],
    packages: [],
  },
  {
    place: 'config/',
    subject: 'the environment variables, and what some of them name: proxies, certificates, persisted documents',
    imports: ['regions.ts'],
    packages: ['node:*', 'zod', 'pino'],
  },
  {
    place: 'errors/',
    subject: 'the error codes, and how each error is explained to callers',
    imports: ['block-storage/error.ts', 'upstream/error.ts', 'upstream/failure.ts'],
    packages: ['graphql'],
  },
  {
    place: 'block-storage/',
    subject: 'the guide’s calls, typed; decodes the wire once; knows nothing of GraphQL',
    imports: ['upstream/send.ts', 'upstream/answer-body.ts', 'upstream/failure.ts', 'regions.ts', 'kept/'],
    packages: ['node:*'],
  },
  {
    place: 'upstream/',
    subject: 'the one way out: `send` and its layers; knows no GraphQL and no noun',
    imports: ['fairness/memory.ts', 'fairness/turns.ts', 'fairness/until.ts', 'regions.ts', 'digest.ts'],
    packages: ['node:*', 'undici', 'lru-cache', '@opentelemetry/api'],
  },
  {
    place: 'fairness/',
    subject: 'which caller may use the event loop next, and how much memory each may hold',
    imports: [],
    packages: ['node:*'],
  },
  { place: 'regions.ts', subject: 'the table of regions', imports: [], packages: [] },
  { place: 'digest.ts', subject: 'digests that name secrets without holding them', imports: [], packages: ['node:*'] },
  { place: 'kept/', subject: 'what outlives a request, within bounds', imports: [], packages: ['lru-cache'] },
  {
    place: 'simulator/',
    subject: 'a second, independent reading of the guide, for tests and the demo; shares no code with the rest',
    imports: [],
    packages: ['node:*'],
  },
];
