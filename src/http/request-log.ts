import type { OperationReport } from '../operation.ts';
import { createInfoLine, type Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { endRequestSpan } from '../telemetry/request-span.ts';
import { unsentFailureOf } from '../upstream/failure.ts';
import type { Exchange } from '../upstream/send.ts';
import { createClients } from './client-name.ts';
import type { RequestInFlight } from './in-flight.ts';
import type { Refusal } from './refusal.ts';

/** What the operator reads of requests: their log lines and metrics, and the end of their spans. */
export interface RequestLog {
  /** Records a request whose status is known. Its span goes on. */
  noteStatus(flight: RequestInFlight, status: number, report: Partial<OperationReport>, error?: unknown): void;
  /** Records a request that is over. */
  noteEnd(flight: RequestInFlight, status: number, report: Partial<OperationReport>, error?: unknown): void;
  /** Records a request that was refused before any work was done for it: in one line a second for all of them. */
  noteTurnedAway(refusal: Refusal): void;
}

export function createRequestLog(logger: Logger, metrics: Metrics): RequestLog {
  const clients = createClients(metrics.clients);
  const noteTurnedAway = createTurnedAwayLog(logger);
  const writeLine = createInfoLine(logger);

  function noteStatus(
    flight: RequestInFlight,
    status: number,
    report: Partial<OperationReport>,
    error?: unknown,
  ): void {
    const elapsed = performance.now() - flight.start;
    const milliseconds = Math.round(elapsed);
    const own = Math.max(0, elapsed - flight.waits.milliseconds());
    metrics.request(status, milliseconds / 1000, report);
    metrics.ownTime(status, own / 1000);
    clients.count(flight.client, flight.owner());
    const line = lineOf(flight, status, { milliseconds, ownMilliseconds: Math.round(own) }, report);
    if (error === undefined) writeLine(line, 'request');
    else logger.error({ ...line, error }, 'request failed');
  }

  return {
    noteStatus,
    noteEnd(flight, status, report, error) {
      noteStatus(flight, status, report, error);
      endRequestSpan(flight.span, status, report);
    },
    noteTurnedAway({ status, code, share }) {
      metrics.request(status, 0, { errorCodes: [code] });
      if (share) metrics.refused(share);
      noteTurnedAway();
    },
  };
}

/** The attempts at REST calls, without those that were refused before they were sent. */
export function sentOf({ exchanges }: Pick<RequestInFlight, 'exchanges'>): readonly Exchange[] {
  return exchanges.filter((exchange) => unsentFailureOf(exchange) === undefined);
}

function lineOf(
  flight: RequestInFlight,
  status: number,
  times: { readonly milliseconds: number; readonly ownMilliseconds: number },
  report: Partial<OperationReport>,
) {
  const calls: Record<string, number> = {};
  for (const { region } of sentOf(flight)) calls[region] = (calls[region] ?? 0) + 1;
  const { client, request, caller } = flight;
  return {
    requestId: caller.requestId,
    globalRequestId: caller.globalRequestId,
    traceId: caller.spanContext?.traceId,
    client,
    method: request.method,
    status,
    ...times,
    calls,
    ...report,
    cost: report.cost && { calls: report.cost.calls, objects: report.cost.objects },
  };
}

/** Writes one line per second, so that a flood of requests does not flood the log. */
function createTurnedAwayLog(logger: Logger): () => void {
  let requests = 0;
  return () => {
    if (requests++ > 0) return;
    setTimeout(() => {
      logger.warn({ requests }, 'requests rejected: overloaded');
      requests = 0;
    }, 1000);
  };
}
