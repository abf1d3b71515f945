import type { ErrorDetails } from '../errors/coded-error.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { explain } from '../errors/explain.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { RegionRef } from './ref.ts';
import { ErrorCodeEnum } from './region-failure.ts';

/** Why one of many operations failed. */
export interface OperationError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly region: Region | null;
  readonly requestId: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;
  readonly outcomeUnknown: boolean;
}

export const OperationErrorRef = builder.objectRef<OperationError>('OperationError').implement({
  description: 'Why one of many operations failed.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeEnum, nullable: false, description: 'Why.' }),
    message: t.exposeString('message', {
      nullable: false,
      description: 'Why, in the region’s words if it gave a reason; `code` says what to do.',
    }),
    region: t.expose('region', { type: RegionRef, description: 'Where; null where the id did not tell.' }),
    requestId: t.exposeString('requestId', {
      description: 'The upstream’s own id of the failed call, for its operator; null where no answer came.',
    }),
    retryAfter: t.exposeInt('retryAfter', {
      description: 'Seconds to wait: what the region asked for, or how long the gateway will not call it.',
    }),
    outcomeUnknown: t.exposeBoolean('outcomeUnknown', {
      nullable: false,
      description: 'True when it may have been carried out all the same: look before you try again.',
    }),
  }),
});

/** Describes what failed. Throws what is no failure of a region but ours. */
export function describeOperationError(error: unknown, region: Region | null): OperationError {
  const explained = explain(error);
  if (!explained) throw error;
  // Every error that can be explained has a code of the table, and such details.
  const { code, upstream, retryAfter, outcomeUnknown } = explained.extensions as { code: ErrorCode } & ErrorDetails &
    object;
  return {
    code,
    message: explained.message,
    region,
    requestId: upstream?.requestId ?? null,
    retryAfter: retryAfter ?? null,
    outcomeUnknown: outcomeUnknown ?? false,
  };
}
