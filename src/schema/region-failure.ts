import { GraphQLError, type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import type { Failure } from '../aggregation/merge.ts';
import type { Context } from '../context.ts';
import { codedError, type ErrorDetails } from '../errors/coded-error.ts';
import { type ErrorCode, errorCodes } from '../errors/codes.ts';
import { explain } from '../errors/explain.ts';
import type { RegionError } from '../errors/partial-failure.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { RegionRef } from './ref.ts';

export const ErrorCodeEnum = builder.enumType('ErrorCode', {
  description: 'Why something failed: what `extensions.code` of errors holds, too.',
  values: Object.fromEntries(
    Object.entries(errorCodes).map(([code, { meaning, remedy }]) => [code, { description: `${meaning} ${remedy}` }]),
    // fromEntries forgets the names of the keys.
  ) as Record<ErrorCode, { description: string }>,
});

/** A region that could not be asked, as callers see it. */
type RegionFailure = Omit<RegionError, 'region'> & { readonly region: Region };

export const RegionFailureRef = builder.objectRef<RegionFailure>('RegionFailure').implement({
  description: 'A region that could not be asked. What the others answered is there.',
  fields: (t) => ({
    region: t.expose('region', { type: RegionRef, nullable: false, description: 'The region.' }),
    code: t.expose('code', { type: ErrorCodeEnum, nullable: false, description: 'Why it failed.' }),
    message: t.exposeString('message', { nullable: false, description: 'Why it failed, and what to do, in words.' }),
    requestId: t.exposeString('requestId', {
      description: 'The upstream’s own id of the failed call, for its operator; null where no answer came.',
    }),
    retryAfter: t.exposeInt('retryAfter', {
      description: 'Seconds to wait: what the region asked for, or how long the gateway will not call it.',
    }),
  }),
});

/** One failure a region, the first, in the order of the table. Throws what is no failure of a region but ours. */
export function describeFailures(regions: readonly Region[], failures: readonly Failure[]): RegionFailure[] {
  return regions.flatMap((region) => {
    const failure = failures.find((failure) => failure.region === region);
    if (!failure) return [];
    const error = explain(failure.error);
    if (!error) throw failure.error;
    // Every error that can be explained has a code of the table, and such details.
    const { code, upstream, retryAfter } = error.extensions as { code: ErrorCode } & ErrorDetails & object;
    const requestId = upstream?.requestId ?? null;
    return [{ region, code, message: error.message, requestId, retryAfter: retryAfter || null }];
  });
}

/** Notes, for `extensions.failures` of the result, the regions that failed for a field which the others answer. */
export function noteFailures(
  { partialFailures }: Context,
  { path }: GraphQLResolveInfo,
  regions: readonly Region[],
  failures: readonly Failure[],
): void {
  if (failures.length === 0) return;
  const place = responsePathAsArray(path);
  for (const { region, ...failure } of describeFailures(regions, failures)) {
    const isKnown = partialFailures.some(
      (known) => known.region === region.enumName && known.path.join('.') === place.join('.'),
    );
    if (!isKnown) partialFailures.push({ path: place, region: region.enumName, ...failure });
  }
}

/**
 * Throws when each region that had something to answer failed: with the error of the only one asked, else with one
 * that names them all.
 * @param unfinished how many regions had something to answer.
 */
export function throwIfAllFailed(regions: readonly Region[], failures: readonly Failure[], unfinished: number): void {
  // A fault of ours is no failure of a region: it must not pass as a list without its rows.
  for (const { error } of failures) if (!explain(error)) throw error;
  if (unfinished === 0 || failures.length < unfinished) return;
  if (regions.length === 1) throw failures[0]?.error;
  const described = describeFailures(regions, failures);
  const codes = new Set(described.map(({ code }) => code));
  const [code = 'UPSTREAM_UNAVAILABLE'] = codes.size === 1 ? codes : [];
  const [first, ...others] = described;
  // A forgotten header is one mistake, whatever regions it was needed for: no region was asked.
  const isUnasked = failures.every(({ error }) => error instanceof GraphQLError);
  if (first && isUnasked && others.every(({ message }) => message === first.message))
    throw codedError(code, first.message);
  // The longest: then each of them may answer again.
  const retryAfter = Math.max(...described.map(({ retryAfter }) => retryAfter ?? 0));
  const isRest = unfinished < regions.length;
  const subject = isRest ? 'The rest of this list could not be read.' : 'No region answered.';
  throw codedError(code, `${subject} ${reasonsOf(described)}`, {
    ...(codes.size === 1 && retryAfter > 0 ? { retryAfter } : {}),
    failures: described.map(({ region, ...failure }) => ({ region: region.enumName, ...failure })),
  });
}

/** Why regions failed, in sentences: the same reason is said once. */
function reasonsOf(failures: readonly RegionFailure[]): string {
  const byReason = Map.groupBy(failures, ({ region, message }) => message.replaceAll(region.enumName, ''));
  const reasons = Array.from(byReason.values(), ([first, ...same]) => {
    const also = new Intl.ListFormat('en').format(same.map(({ region }) => region.enumName));
    return also === '' ? first?.message : `${first?.message} The same goes for ${also}.`;
  });
  return reasons.join(' ');
}
