import { type Environment, graphql, requestSubscription } from 'relay-runtime';
import type { relayLiveSubscription } from './__generated__/relayLiveSubscription.graphql.ts';

const subscription = graphql`
  subscription relayLiveSubscription {
    volumesChanged {
      changes {
        kind
        id
        volume {
          id
          name
          status
        }
      }
      refetch
    }
  }
`;

/**
 * Keeps volumes in the store up to date. Call `dispose` of what it returns at the end.
 * @param onStale reads lists again, as `refetch` of `usePaginationFragment` does. Called when a stream begins, also after a gap,
 * and when there are new rows.
 */
export function followVolumes(environment: Environment, onStale: () => void) {
  return requestSubscription<relayLiveSubscription>(environment, {
    subscription,
    variables: {},
    updater(store, data) {
      for (const { kind, id } of data?.volumesChanged?.changes ?? []) if (kind === 'REMOVED') store.delete(id);
    },
    onNext(data) {
      const { changes = [], refetch = [] } = data?.volumesChanged ?? {};
      const hasNew = changes.some(({ kind }) => kind === 'ADDED');
      if (hasNew || changes.length === 0 || refetch.length > 0) onStale();
    },
  });
}
