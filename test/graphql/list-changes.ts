import { type SubscribeOptions, subscribe } from '../support/event-stream.ts';
import type { Stack } from '../support/stack.ts';

/* Subscriptions to lists, and a client that keeps its rows up to date by their events. */

export interface ChangesEvent {
  readonly changes: readonly { readonly kind: string; readonly id: string; readonly volume: Row | null }[];
  readonly refetch: readonly string[];
  readonly failures: readonly { readonly code: string; readonly region: { readonly code: string } }[];
}

export interface Row {
  readonly name: string | null;
  readonly status: string;
}

/** A subscription to the changes of volumes. `args` are in parentheses, if there are any. */
const ofVolumes = (args = '') =>
  `subscription { volumesChanged${args} { changes { kind id volume { name status } } refetch failures { code region { code } } } }`;

/** Follows volumes as alice. */
export function followVolumes(stack: Pick<Stack, 'url'>, args = '', options: SubscribeOptions = {}) {
  const subscribed = subscribe(stack, ofVolumes(args), options);
  return {
    ...subscribed,
    /** All events so far. */
    events: () => subscribed.results.map(({ data }) => data?.volumesChanged as ChangesEvent),
    /** `KIND name` of each change so far; a removed row has no name. */
    changes: () =>
      subscribed.results
        .flatMap(({ data }) => (data?.volumesChanged as ChangesEvent | null)?.changes ?? [])
        .map(({ kind, volume }) => (volume ? `${kind} ${volume.name} ${volume.status}` : kind)),
    [Symbol.asyncDispose]: () => subscribed[Symbol.asyncDispose](),
  };
}

/** The list calls of a region so far. */
export const listCalls = (stack: Stack) => stack.calls().filter((call) => call.startsWith('GET /volumes/detail'));
