import { LRUCache } from 'lru-cache';
import { createDigest } from '../digest.ts';
import { type Circuit, createCircuit, trialIntervalMs } from './circuit.ts';
import type { Evidence } from './error.ts';
import type { Identity } from './send.ts';

/** The circuits of one identity: one that the same failures open as the region's, and one that timeouts open. */
export interface OwnCircuits {
  readonly failing: Circuit;
  readonly slow: Circuit;
}

/** The circuits of one region, and the gateway's own look at it. */
export interface RegionCircuits {
  /** The circuit for everybody. */
  readonly shared: Circuit;
  /** The circuits of an identity whose calls have failed lately. */
  readonly ownOf: (identity: Identity) => OwnCircuits | undefined;
  noteGood(identity: Identity, begunAt: number, owner: string): void;
  noteBad(evidence: NonNullable<Evidence>, identity: Identity, begunAt: number, owner: string): void;
  readonly stop: () => void;
}

/** Identities with circuits of their own, of one region, at most. The least recently failed one is forgotten first. */
const maxIdentities = 10_000;

/**
 * An identity's circuits are dropped this long after its last failure, in milliseconds. Otherwise a caller that only
 * writes would stay refused, since only reads are tried.
 */
const identityMemoryMs = 30_000;

/**
 * While a circuit is open that failing connections have opened, the gateway probes the region by itself, so that the
 * circuit closes whoever asks, and whatever for. It also probes when calls of an identity time out: a region that does
 * not answer the probe, and has not answered any call for `timeoutMs` before it, is failing for all callers.
 * @param isWell probes the region.
 */
export function createRegionCircuits(timeoutMs: number, isWell: () => Promise<boolean>): RegionCircuits {
  const digest = createDigest();
  const identities = new LRUCache<string, OwnCircuits>({ max: maxIdentities, ttl: identityMemoryMs });
  const prober = createProber(isWell);
  const shared = prober.createCircuit(2);
  let answeredAt = 0;
  let isSuspected = false;

  async function suspect(): Promise<void> {
    if (isSuspected || !shared.isClosed()) return;
    isSuspected = true;
    const silentSince = performance.now() - timeoutMs;
    const isAnswering = await isWell();
    isSuspected = false;
    if (!isAnswering && answeredAt < silentSince) shared.open();
  }

  const keyOf = ({ token, tenant }: Identity) => digest([token, tenant]);

  // Usually no identity has circuits, and a digest costs more than all the rest here.
  const ownOf = (identity: Identity) => (identities.size === 0 ? undefined : identities.get(keyOf(identity)));

  return {
    shared,
    ownOf,
    noteGood(identity, begunAt, owner) {
      answeredAt = performance.now();
      shared.note('good', begunAt, owner);
      const own = ownOf(identity);
      own?.failing.note('good', begunAt);
      own?.slow.note('good', begunAt);
    },
    noteBad(evidence, identity, begunAt, owner) {
      const key = keyOf(identity);
      const own = identities.get(key) ?? {
        failing: prober.createCircuit(1),
        slow: createCircuit({ leastSources: 1, onOpen: () => void suspect() }),
      };
      identities.set(key, own);
      if (evidence === 'againstCaller') own.slow.note('bad', begunAt);
      else {
        own.failing.note('bad', begunAt);
        shared.note('bad', begunAt, owner);
      }
    },
    stop: prober.stop,
  };
}

/** Creates circuits, and probes the region while one of these circuits is open. They close when the region is well. */
function createProber(isWell: () => Promise<boolean>) {
  const opened = new Set<Circuit>();
  let timer: NodeJS.Timeout | undefined;

  async function probeOpened(): Promise<void> {
    for (const circuit of opened) if (circuit.isClosed()) opened.delete(circuit);
    if (opened.size > 0 && (await isWell())) {
      for (const circuit of opened) circuit.close();
      opened.clear();
    }
    if (opened.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    createCircuit(leastSources: number): Circuit {
      const onOpen = () => {
        opened.add(circuit);
        timer ??= setInterval(() => void probeOpened(), trialIntervalMs).unref();
      };
      const circuit = createCircuit({ leastSources, onOpen });
      return circuit;
    },
    stop: () => clearInterval(timer),
  };
}
