import { Gauge, type Registry } from 'prom-client';
import type { Memory } from '../fairness/memory.ts';

/** What a replica holds at the moment. Each figure is read whenever it is asked for. */
export interface ReplicaGauges {
  /** How many requests are in, and wait to be. @param state.work in microseconds. */
  watchRequests(state: {
    readonly inFlight: number;
    readonly waiting: { readonly small: number; readonly large: number };
    readonly work: number;
  }): void;
  /** How many objects are read again and again, for those who follow them. */
  watchPolls(state: { readonly count: number }): void;
  /** How many event streams are open. */
  watchStreams(state: { readonly count: number }): void;
  /** How much memory requests hold, and wait for. */
  watchMemory(memory: Pick<Memory, 'budget' | 'charged' | 'waiting'>): void;
}

export function createReplicaGauges(registry: Registry): ReplicaGauges {
  return {
    watchRequests(state) {
      watchFigure(registry, 'gateway_requests_in_flight', 'Requests that are being answered.', () => state.inFlight);
      const waiting = () => state.waiting.small + state.waiting.large;
      watchFigure(registry, 'gateway_requests_waiting', 'Requests that wait to be let in.', waiting);
      const ofLarge = 'Queued large requests: scans and long pages.';
      watchFigure(registry, 'gateway_large_requests_waiting', ofLarge, () => state.waiting.large);
      const ofWork = 'Estimated work of the requests in flight, in seconds of the event loop.';
      watchFigure(registry, 'gateway_work_seconds', ofWork, () => state.work / 1_000_000);
    },
    watchPolls(state) {
      const help = 'Objects and lists that are read again and again, for those who follow them.';
      watchFigure(registry, 'gateway_polls', help, () => state.count);
    },
    watchStreams(state) {
      watchFigure(registry, 'gateway_streams', 'Event streams that are open.', () => state.count);
    },
    watchMemory(memory) {
      new Gauge({
        name: 'gateway_memory_charged_bytes',
        help: 'Memory that requests hold, in bytes: bodies of regions, rows and answers.',
        labelNames: ['kind'],
        registers: [registry],
        collect() {
          for (const [kind, bytes] of Object.entries(memory.charged)) this.set({ kind }, bytes);
        },
      });
      const most = 'Memory that requests may hold, in bytes.';
      watchFigure(registry, 'gateway_memory_budget_bytes', most, () => memory.budget);
      watchFigure(registry, 'gateway_memory_waiting', 'Pieces of work that wait for memory.', () => memory.waiting);
    },
  };
}

function watchFigure(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
