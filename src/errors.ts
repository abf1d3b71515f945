import { GraphQLError } from 'graphql';
import { BlockStorageError } from './block-storage/error.ts';
import { UpstreamError } from './upstream/error.ts';
import type { UpstreamFailure } from './upstream/failure.ts';

/** Every `extensions.code` of the gateway: what it means, and what a caller can do. The README prints this table. */
export const errorCodes = {
  UNAUTHENTICATED: {
    meaning: 'There is no token, or the region does not know it, or it has expired.',
    remedy: 'Send a valid token as X-Auth-Token.',
  },
  FORBIDDEN: {
    meaning: 'The token is valid, but the region does not allow the operation.',
    remedy: 'Ask for the role it needs.',
  },
  TENANT_REQUIRED: {
    meaning: 'There is a token but no tenant.',
    remedy: 'Send the tenant id as X-Tenant-Id.',
  },
  TENANT_MISMATCH: {
    meaning: 'The token was issued for another tenant, or the object belongs to another tenant.',
    remedy: 'Send the tenant that belongs to the token.',
  },
  BAD_USER_INPUT: {
    meaning: 'A header, an argument or an input is not valid.',
    remedy: 'Mend what the message names.',
  },
  NOT_FOUND: {
    meaning: 'The object to work on does not exist, or is another tenant’s.',
    remedy: 'Check the id and the region.',
  },
  CONFLICT: {
    meaning: 'The object is in a state that does not allow the operation.',
    remedy: 'Wait for the state to change, or remove what holds it.',
  },
  QUOTA_EXCEEDED: {
    meaning: 'The tenant’s quota is used up.',
    remedy: 'Delete something, or have the quota raised.',
  },
  RATE_LIMITED: {
    meaning: 'The region asks for fewer requests.',
    remedy: 'Wait retryAfter seconds, then try again.',
  },
  PAYLOAD_TOO_LARGE: {
    meaning: 'The request is too large, for the gateway or for the region.',
    remedy: 'Send less at once.',
  },
  UPSTREAM_ERROR: {
    meaning: 'The region answered with an error of its own, or with something that is not a response of its API.',
    remedy:
      'Try again later; after a write check first whether it was carried out (outcomeUnknown). Give the operator upstream.requestId.',
  },
  UPSTREAM_TIMEOUT: {
    meaning: 'The region did not answer in time.',
    remedy: 'Try again; after a write look first (outcomeUnknown).',
  },
  UPSTREAM_UNAVAILABLE: {
    meaning:
      'The region cannot be reached, broke off its answer, or is not asked for some seconds because calls failed.',
    remedy:
      'Wait retryAfter seconds where they are given, else try again later; after a write look first (outcomeUnknown).',
  },
  OVERLOADED: {
    meaning: 'The gateway has too much to do.',
    remedy: 'Wait retryAfter seconds, then try again.',
  },
  QUERY_TOO_COMPLEX: {
    meaning: 'The query asks for more than the gateway reads for one request.',
    remedy: 'Ask for less at once, as the message says.',
  },
  INTERNAL_SERVER_ERROR: {
    meaning: 'A fault of the gateway.',
    remedy: 'Give the operator the request id.',
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** The codes of requests that are refused before anything is executed, named as other GraphQL servers name them. */
export const requestErrorCodes = {
  BAD_REQUEST: {
    meaning: 'The request is not well-formed, or its method is wrong.',
    remedy: 'Send JSON with query as a string and variables as an object.',
  },
  GRAPHQL_PARSE_FAILED: {
    meaning: 'The document has a syntax error.',
    remedy: 'Correct the document where the message says.',
  },
  GRAPHQL_VALIDATION_FAILED: {
    meaning: 'The document does not fit the schema.',
    remedy: 'Compare it with the schema.',
  },
  OPERATION_RESOLUTION_FAILURE: {
    meaning: 'The document has no operation, or several and operationName selects none.',
    remedy: 'Send operationName.',
  },
  PERSISTED_QUERY_NOT_FOUND: {
    meaning: 'No persisted document has this id.',
    remedy: 'Send the document itself, or publish the manifest.',
  },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    meaning: 'Persisted documents are not configured.',
    remedy: 'Send the document itself.',
  },
  PERSISTED_QUERY_ONLY: {
    meaning: 'The gateway executes only persisted documents.',
    remedy: 'Send the id of one of them.',
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

export type RequestErrorCode = keyof typeof requestErrorCodes;

export type AnyErrorCode = ErrorCode | RequestErrorCode;

/** The HTTP status of answers with data and errors (GraphQL over HTTP, "Partial success"). */
export const partialSuccess = 294;

/** Where in the arguments of a field, list indexes among it: `["input", "ids", 3]`. */
export type ArgumentPath = readonly [argument: string, ...within: readonly (string | number)[]];

/** What stands beside the code in `extensions`. */
export interface ErrorDetails {
  /** Which part of the field's arguments is wrong. */
  readonly argument?: ArgumentPath;
  /** Which variable is wrong. */
  readonly variable?: string;
  readonly region?: string;
  readonly upstream?: { readonly status: number | null; readonly requestId: string | null };
  /** Seconds. */
  readonly retryAfter?: number;
  readonly outcomeUnknown?: true;
  /** Where all of several regions failed. */
  readonly failures?: readonly RegionError[];
}

/** Why one region of several failed. */
export interface RegionError {
  readonly region: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** The upstream's own id of the failed call; null where no answer came. */
  readonly requestId: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;
}

/** A region that failed for a field which the others answered: an entry of `extensions.failures` of the whole result. */
export interface PartialFailure extends RegionError {
  readonly path: readonly (string | number)[];
}

/** An error that callers see as it is. */
export function codedError(
  code: ErrorCode | RequestErrorCode,
  message: string,
  details: ErrorDetails = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...details } });
}

/** The caller's own mistake; the message says what to mend. For an argument there is `badArgument`. */
export function badInput(message: string): GraphQLError {
  return codedError('BAD_USER_INPUT', message);
}

/**
 * A mistake in an argument.
 * @param says what follows the name of the argument in the message.
 */
export function badArgument(argument: ArgumentPath, says: string): GraphQLError {
  return codedError('BAD_USER_INPUT', `"${pathText(argument)}" ${says}`, { argument });
}

/** `input.ids[3]` */
function pathText(path: readonly (string | number)[]): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}

/** What callers see of an error of ours; null for any other, which is the operator's business alone. */
export function explain(error: unknown): GraphQLError | null {
  if (error instanceof GraphQLError) return 'code' in error.extensions ? error : null;
  if (error instanceof BlockStorageError) {
    const { code, region, status, requestId, retryAfter, outcomeUnknown, member } = error;
    const argument = member === null ? undefined : inputNames.get(member);
    return codedError(code, error.message + (outcomeUnknown ? lookFirst : ''), {
      ...(argument === undefined ? {} : { argument: ['input', argument] }),
      region: region.enumName,
      ...(status === null ? {} : { upstream: { status, requestId } }),
      ...(retryAfter === null ? {} : { retryAfter }),
      ...(outcomeUnknown ? { outcomeUnknown } : {}),
    });
  }
  if (error instanceof UpstreamError) {
    const { kind, outcomeUnknown, retryAfter, sent } = error;
    const region = error.region.enumName;
    if (kind === 'timeout' && !sent) return notSentInTime(error.region);
    const { code, says } = failures[kind];
    return codedError(code, `Region ${region} ${says}${outcomeUnknown ? lookFirst : ''}`, {
      region,
      ...(retryAfter === null ? {} : { retryAfter }),
      ...(outcomeUnknown ? { outcomeUnknown } : {}),
    });
  }
  return null;
}

/** What inputs of mutations call the members of request bodies. */
const inputNames = new Map(
  Object.entries({
    availability_zone: 'availabilityZone',
    container_format: 'containerFormat',
    description: 'description',
    disk_format: 'diskFormat',
    force: 'force',
    image_name: 'imageName',
    metadata: 'metadata',
    name: 'name',
    nhn_encryption: 'encryption',
    protected: 'protected',
    size: 'size',
    snapshot_id: 'snapshotId',
    source_volid: 'sourceVolumeId',
    visibility: 'visibility',
    volume_id: 'volumeId',
    volume_type: 'volumeType',
  }),
);

const lookFirst =
  ' The operation may have been carried out all the same: look at the object, or list the newest ones, before you try again.';

interface Explanation {
  readonly code: ErrorCode;
  /** What follows the name of the region. */
  readonly says: string;
}

/** The error of a call for which there was no time left: nothing can have been done. */
export function notSentInTime({ enumName }: UpstreamError['region']): GraphQLError {
  const message = `Region ${enumName} was not asked in time: the call was not sent. Ask for less at once, or try again.`;
  return codedError('UPSTREAM_TIMEOUT', message, { region: enumName });
}

const failures: Record<UpstreamFailure, Explanation> = {
  refused: { code: 'UPSTREAM_UNAVAILABLE', says: 'cannot be reached. Try again later.' },
  notSent: { code: 'UPSTREAM_UNAVAILABLE', says: 'cannot be reached. Try again later.' },
  openForCaller: {
    code: 'UPSTREAM_UNAVAILABLE',
    says: 'did not answer your last calls in time, so yours are not sent to it for some seconds. Try again later.',
  },
  open: {
    code: 'UPSTREAM_UNAVAILABLE',
    says: 'is not called for some seconds, because earlier calls failed. Try again later.',
  },
  overloaded: { code: 'OVERLOADED', says: 'has too many calls waiting. Wait a second, then try again.' },
  overloadedByCaller: {
    code: 'OVERLOADED',
    says: 'has too many calls of your token waiting. Wait a second, then try again.',
  },
  outOfShare: {
    code: 'OVERLOADED',
    says: 'was not read: your requests hold all the memory that one caller may have. Wait a second, then try again, or ask for fewer rows at once.',
  },
  outOfMemory: {
    code: 'OVERLOADED',
    says: 'was not read: the gateway has no memory left. Wait a second, then try again.',
  },
  outOfCalls: {
    code: 'QUERY_TOO_COMPLEX',
    says: 'was not asked, because the request has made all the REST calls that it may make. Ask for fewer lists or objects at once.',
  },
  timeout: { code: 'UPSTREAM_TIMEOUT', says: 'did not answer in time.' },
  cancelled: { code: 'UPSTREAM_UNAVAILABLE', says: 'was not waited for, because the client left.' },
  broken: { code: 'UPSTREAM_UNAVAILABLE', says: 'broke off its answer.' },
  tooLarge: { code: 'UPSTREAM_ERROR', says: 'answered more than the gateway reads. Ask for fewer rows at once.' },
};
