import type { Failure } from '../aggregation/merge.ts';
import { codedError, type ErrorCode, errorCodes, explain, type RegionError } from '../errors.ts';
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
    retryAfter: t.exposeInt('retryAfter', { description: 'Seconds to wait, where the region named them.' }),
  }),
});

/** One failure a region, the first, in the order of the table. Throws what is no failure of a region but ours. */
export function describeFailures(regions: readonly Region[], failures: readonly Failure[]): RegionFailure[] {
  return regions.flatMap((region) => {
    const failure = failures.find((failure) => failure.region === region);
    if (!failure) return [];
    const error = explain(failure.error);
    if (!error) throw failure.error;
    const { code, retryAfter } = error.extensions;
    // Every error that can be explained has a code of the table.
    return [{ region, code: code as ErrorCode, message: error.message, retryAfter: Number(retryAfter) || null }];
  });
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
  const words = described.map(({ message }) => message).join(' ');
  // The longest: then each of them may answer again.
  const retryAfter = Math.max(...described.map(({ retryAfter }) => retryAfter ?? 0));
  throw codedError(code, `No region answered. ${words}`, {
    ...(codes.size === 1 && retryAfter > 0 ? { retryAfter } : {}),
    failures: described.map(({ region, ...failure }) => ({ region: region.code, ...failure })),
  });
}
