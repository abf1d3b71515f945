import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SpanContext } from '@opentelemetry/api';
import type { Account } from '../fairness/memory.ts';
import type { Turns } from '../fairness/turns.ts';
import { Ending } from '../fairness/until.ts';
import type { Region } from '../regions.ts';
import { createCallBudget, globalRequestIdOf } from '../upstream/caller.ts';
import type { Caller, Identity } from '../upstream/send.ts';
import { readIdentity, readTenant } from './credentials.ts';
import { requestIdOf } from './request-id.ts';

/** Why a request is over. Made once: each error made would walk the stack. */
const answered = new Error('the request is answered');
const gone = new Error('the client left');

/** The caller of a request. Its signal aborts when the client leaves, and at the end of the request. */
export interface RequestCaller extends Caller {
  /** To be called at the end of the request. */
  end(): void;
}

interface RequestCallerOptions {
  readonly owner: string;
  readonly turns: Turns;
  readonly memory: Account;
  /** When the whole request must be over, on the clock of `performance.now()`. */
  readonly deadline: number;
  /** The REST calls that it may make. */
  readonly mostCalls: number;
  readonly spanContext: SpanContext | null;
  readonly observe: Caller['observe'];
}

export function createRequestCaller(
  request: IncomingMessage,
  response: ServerResponse,
  options: RequestCallerOptions,
): RequestCaller {
  // No getter among what follows: V8 gives each object that is made with one a shape of its own, which keeps the object
  // and all that it refers to until the next full collection.
  const identities = new Map<string, Identity>();
  const over = new Ending();
  const requestId = requestIdOf(request);
  let isRepeatable = true;
  let isOver = false;
  let isSent = false;
  response.on('close', () => {
    if (!response.writableFinished) over.abort(gone);
    isSent = true;
    if (isOver) options.memory.close();
  });
  return {
    identity(region: Region) {
      const known = identities.get(region.code);
      if (known) return known;
      const identity = readIdentity(request.headersDistinct, region);
      identities.set(region.code, identity);
      return identity;
    },
    tenant: (region) => readTenant(request.headersDistinct, region),
    signal: over,
    deadline: options.deadline,
    requestId,
    globalRequestId: globalRequestIdOf(requestId),
    calls: createCallBudget(options.mostCalls),
    owner: options.owner,
    turns: options.turns,
    memory: options.memory,
    spanContext: options.spanContext,
    observe(exchange) {
      // An answer after a retry or a failure depends on more than the bytes of its responses.
      if (exchange.status !== 200) isRepeatable = false;
      options.observe(exchange);
    },
    noteUnrepeatable() {
      isRepeatable = false;
    },
    isRepeatable: () => isRepeatable,
    end() {
      over.abort(answered);
      isOver = true;
      // The answer may still be on its way.
      if (isSent) options.memory.close();
      else options.memory.release();
    },
  };
}
