import { createHmac, createSecretKey } from 'node:crypto';
import { BlockStorageError } from '../block-storage/error.ts';
import { explain } from '../errors/explain.ts';
import type { Region } from '../regions.ts';
import { UpstreamError } from '../upstream/error.ts';
import type { Identity, Send, UpstreamAnswer } from '../upstream/send.ts';
import type { Logger } from './logger.ts';

/** What a write does: it changes an object that there is, or makes one. */
export type Change<Result> = ChangeOfOne | Making<Result>;

interface ChangeOfOne extends Words {
  readonly uuid: string;
}

interface Making<Result> extends Words {
  /** UUID of the object that it is made from; null if there is none. */
  readonly source: string | null;
  /** Whether making it changes the status of that object. */
  readonly changesSource?: boolean;
  /** The UUID of what was made. */
  readonly uuidOf: (made: Result) => string | null;
}

/** The words of the audit log; those of each mutation are in docs/operations.md. */
interface Words {
  /** What is done, such as `delete`. */
  readonly verb: string;
  /** The kind of object to which it is done, such as `volume`. */
  readonly object: string;
}

/**
 * - `done`: the region accepted the write.
 * - `refused`: the region refused it and changed nothing.
 * - `unknown`: it was sent and may have been carried out.
 * - `notSent`: it was never sent.
 */
type Outcome = 'done' | 'refused' | 'unknown' | 'notSent';

/** The fields of the audit log, in addition to those of every log line. docs/operations.md documents them; keep their names. */
interface AuditLine {
  readonly requestId: string;
  /** The id under which OpenStack logs the request. */
  readonly globalRequestId: string;
  /** Null without valid credentials for the region. */
  readonly tenant: string | null;
  /** The name of the GraphQL operation. */
  readonly operation: string | null;
  readonly verb: string;
  readonly object: string;
  readonly region: string;
  readonly uuid: string | null;
  readonly source: string | null;
  readonly outcome: Outcome;
  readonly code: string | null;
  /** Null if no complete answer came. */
  readonly upstreamStatus: number | null;
  readonly upstreamRequestId: string | null;
  /** See `createMark`. */
  readonly caller: string | null;
}

/** A write, and the caller it is for. */
interface Write<Result> {
  readonly requestId: string;
  readonly globalRequestId: string;
  /** Null if the caller has no valid credentials for the region. */
  readonly identity: Identity | null;
  readonly operation: string | null;
  readonly region: Region;
  readonly change: Change<Result>;
  readonly send: Send;
  /** Makes one call, through the `send` that it is given. */
  readonly run: (send: Send) => Promise<Result>;
}

/** Runs a write and logs its outcome in one line. Settles as `run` does. */
export type Audit = <Result>(write: Write<Result>) => Promise<Result>;

/** A region's request id is logged up to this length. */
const maxRequestId = 100;

/** @param key the key of the HMACs that are logged instead of tokens; null for no HMACs. */
export function createAudit(logger: Logger, key: string | null): Audit {
  const mark = key === null ? () => null : createMark(key);

  return async ({ requestId, globalRequestId, identity, operation, region, change, send, run }) => {
    let isBegun = false;
    let upstreamStatus: number | null = null;
    let upstreamRequestId: string | null = null;

    function log(uuid: string | null, outcome: Outcome, code: string | null): void {
      const line: AuditLine = {
        requestId,
        globalRequestId,
        tenant: identity?.tenant ?? null,
        operation,
        verb: change.verb,
        object: change.object,
        region: region.code,
        uuid,
        source: 'uuid' in change ? null : change.source,
        outcome,
        code,
        upstreamStatus,
        upstreamRequestId,
        caller: identity && mark(identity),
      };
      logger.info(line, 'change');
    }

    try {
      const result = await run(async (...parameters) => {
        isBegun = true;
        const answer = await send(...parameters);
        upstreamStatus = answer.status;
        upstreamRequestId = identity && requestIdOf(answer, identity);
        return answer;
      });
      log('uuid' in change ? change.uuid : change.uuidOf(result), 'done', null);
      return result;
    } catch (error) {
      const explained = explain(error);
      const code = explained ? String(explained.extensions.code) : 'INTERNAL_SERVER_ERROR';
      log('uuid' in change ? change.uuid : null, outcomeOf(error, isBegun), code);
      throw error;
    }
  };
}

/** @param isBegun whether the call was begun: an error that is a fault of the gateway does not say that. */
function outcomeOf(error: unknown, isBegun: boolean): Outcome {
  if (error instanceof BlockStorageError) return error.outcomeUnknown ? 'unknown' : 'refused';
  if (error instanceof UpstreamError) return error.outcomeUnknown ? 'unknown' : 'notSent';
  // Other errors that callers see as they are, such as that of a missing token, come before the call is sent.
  return isBegun && !explain(error) ? 'unknown' : 'notSent';
}

/** The region's own id of a call; null if it holds the token. */
function requestIdOf({ requestId }: UpstreamAnswer, { token }: Identity): string | null {
  if (requestId?.toLowerCase().includes(token.toLowerCase())) return null;
  return requestId?.slice(0, maxRequestId) ?? null;
}

/** What is logged instead of a token: the first 128 bits of its HMAC-SHA-256, in hexadecimal. */
function createMark(key: string): (identity: Identity) => string {
  const secret = createSecretKey(key, 'utf8');
  return ({ token }) => createHmac('sha256', secret).update(token).digest('hex').slice(0, 32);
}
