import { type ErrorLike, NetworkStatus } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { useState } from 'react';
import { type RegionFailureFragment, type VolumeRowFragment, VolumesDocument } from './__generated__/documents.ts';
import { longestPage, pageLength, variablesOf, type Wanted } from './wanted.ts';

export interface VolumeList {
  /** Of all pages so far; null until the first one is there. */
  readonly volumes: readonly VolumeRowFragment[] | null;
  /** Null where there are too many to count. */
  readonly totalCount: number | null;
  readonly failures: readonly RegionFailureFragment[];
  readonly hasNextPage: boolean;
  /** The last page had fewer volumes than were asked for, although more follow. */
  readonly isShort: boolean;
  readonly isLoading: boolean;
  readonly isLoadingMore: boolean;
  readonly error: ErrorLike | undefined;
  readonly loadMore: () => void;
  /** Reads the list again, from its first page on. */
  readonly reload: () => void;
  /** Reads all rows again that are shown. */
  readonly refresh: () => void;
}

export function useVolumes(wanted: Wanted): VolumeList {
  const variables = variablesOf(wanted);
  const query = useQuery(VolumesDocument, {
    variables,
    // What is known of a list is shown at once, and then mended.
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });
  const [lastPage, setLastPage] = useState<Page | null>(null);
  const key = JSON.stringify(variables);
  const more = lastPage?.of === key ? lastPage : null;
  const { networkStatus } = query;
  // While another order is on its way the table stays as it was.
  const list = (query.data ?? query.previousData)?.volumes;
  const volumes = query.error ? null : (list?.edges.map(({ node }) => node) ?? null);
  const hasNextPage = list?.pageInfo.hasNextPage ?? false;

  return {
    volumes,
    totalCount: list?.totalCount ?? null,
    failures: list?.failures ?? [],
    hasNextPage,
    isShort: !query.loading && hasNextPage && (more?.length ?? volumes?.length ?? 0) < pageLength,
    isLoading: query.loading && networkStatus !== NetworkStatus.fetchMore,
    isLoadingMore: networkStatus === NetworkStatus.fetchMore,
    error: query.error ?? more?.error,
    loadMore() {
      query.fetchMore({ variables: { first: pageLength, after: list?.pageInfo.endCursor ?? null } }).then(
        ({ data }) => setLastPage({ of: key, length: data?.volumes?.edges.length ?? 0 }),
        (error: unknown) => setLastPage({ of: key, length: pageLength, error: toErrorLike(error) }),
      );
    },
    reload() {
      setLastPage(null);
      // Its error is shown as that of the query.
      query.refetch({ ...variables, first: pageLength }).catch(() => {});
    },
    refresh() {
      const first = Math.min(Math.max(list?.edges.length ?? 0, pageLength), longestPage);
      query.refetch({ ...variables, first }).catch(() => {});
    },
  };
}

/** The last page that was loaded behind the first. */
interface Page {
  /** The list that it belongs to. */
  readonly of: string;
  readonly length: number;
  readonly error?: ErrorLike;
}

function toErrorLike(error: unknown): ErrorLike {
  return error instanceof Error ? error : new Error(String(error));
}
