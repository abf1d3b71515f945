import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** One request as the simulator saw it. */
export interface LoggedRequest {
  readonly region: string;
  readonly method: string;
  /** Path and query as received. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** `performance.now()` when the headers had arrived. */
  readonly receivedAt: number;
  /** Set when answered. */
  status?: number;
  /** The client closed the socket before the answer was out. */
  aborted: boolean;
  /** Answered or aborted. */
  done: boolean;
}

/** The requests of all regions in order of arrival. */
export interface RequestLog {
  readonly requests: readonly LoggedRequest[];
  readonly open: (region: string, request: IncomingMessage) => LoggedRequest;
  /** Tells that the request's body has arrived: it waits for its answer from here on. */
  readonly read: (entry: LoggedRequest) => void;
  readonly clear: () => void;
  readonly waitFor: (count: number) => Promise<void>;
}

const PATIENCE_MS = 5000;

export function createRequestLog(): RequestLog {
  const requests: LoggedRequest[] = [];
  const arrived = new Set<LoggedRequest>();
  const waiters = new Set<() => void>();
  return {
    requests,
    open(region, request) {
      const entry: LoggedRequest = {
        region,
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        receivedAt: performance.now(),
        aborted: false,
        done: false,
      };
      requests.push(entry);
      return entry;
    },
    read(entry) {
      if (requests.includes(entry)) arrived.add(entry);
      for (const check of waiters) check();
    },
    clear() {
      requests.length = 0;
      arrived.clear();
    },
    waitFor(count) {
      return new Promise((resolve, reject) => {
        const check = (): void => {
          if (arrived.size < count) return;
          clearTimeout(timer);
          waiters.delete(check);
          resolve();
        };
        const timer = setTimeout(() => {
          waiters.delete(check);
          const seen = requests.map((entry) => `\n  ${entry.region} ${entry.method} ${entry.path}`).join('');
          reject(new Error(`${count} requests awaited for ${PATIENCE_MS} ms, ${arrived.size} came:${seen}`));
        }, PATIENCE_MS);
        waiters.add(check);
        check();
      });
    },
  };
}
