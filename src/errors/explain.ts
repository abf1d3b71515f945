import { GraphQLError } from 'graphql';
import { BlockStorageError } from '../block-storage/error.ts';
import { UpstreamError } from '../upstream/error.ts';
import type { UpstreamFailure } from '../upstream/failure.ts';
import { codedError } from './coded-error.ts';
import type { ErrorCode } from './codes.ts';

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

/** The error of a call for which there was no time left: nothing can have been done. */
export function notSentInTime({ enumName }: UpstreamError['region']): GraphQLError {
  const message = `Region ${enumName} was not asked in time: the call was not sent. Ask for less at once, or try again.`;
  return codedError('UPSTREAM_TIMEOUT', message, { region: enumName });
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
