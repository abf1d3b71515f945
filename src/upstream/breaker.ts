import { LRUCache } from 'lru-cache';
import { createDigest } from '../digest.ts';
import type { Region, RegionTable } from '../regions.ts';
import { type Circuit, createCircuit, trialIntervalMs } from './circuit.ts';
import { type Evidence, UpstreamError } from './error.ts';
import { outageStatuses, timeoutStatus } from './fault.ts';
import { type Probed, probe } from './probe.ts';
import type { Identity, Layer, UpstreamAnswer } from './send.ts';

/**
 * Stops sending calls to a region that fails. Each region has a circuit for everybody, which broken connections, 502 and
 * 503 open. Each identity (one token with one tenant) whose own calls fail has circuits of its own, so that one tenant's
 * slow lists take the region from nobody else.
 */
export interface Breaker {
  /** Refuses calls while a circuit is open. Comes before the layers in which calls wait. */
  readonly refuse: Layer;
  /** Judges what came of a call. Comes after the layers in which calls wait, where equal calls are one. */
  readonly judge: Layer;
  /** False while the region is kept from everybody, or from this identity; null asks for everybody alone. */
  readonly isAvailable: (region: Region, identity: Identity | null) => boolean;
  close(): void;
}

/** Identities with circuits of their own, of one region, at most. The least recently failed one is forgotten first. */
const maxIdentities = 10_000;

/**
 * An identity's circuits are dropped this long after its last failure, in milliseconds. Otherwise a caller that only
 * writes would stay refused, since only reads are tried.
 */
const identityMemoryMs = 30_000;

/**
 * @param options.timeoutMs the longest one REST call may take, in milliseconds.
 * @param options.onProbe called after each probe.
 */
export function createBreaker(
  regions: RegionTable,
  { timeoutMs, onProbe }: { timeoutMs: number; onProbe: (region: Region, probed: Probed) => void },
): Breaker {
  const probeMs = Math.min(timeoutMs, trialIntervalMs);
  const watched = new Map(regions.map((region) => [region.code, watch(timeoutMs, () => isWell(region))]));

  /** Probes the region. */
  async function isWell(region: Region): Promise<boolean> {
    const probed = await probe(region, probeMs);
    onProbe(region, probed);
    return probed.fault === null;
  }

  function stateOf({ code }: Region): WatchedRegion {
    const state = watched.get(code);
    if (!state) throw new Error(`region ${code} is not in the table`);
    return state;
  }

  const refuse: Layer = (next) => async (request, caller) => {
    const { region, method } = request;
    const state = stateOf(region);
    const own = state.circuitsOf(caller.identity(region));
    const circuits = own ? [state.circuit, own.failing, own.slow] : [state.circuit];
    const refusing = circuits.find((circuit) => !circuit.mayTry(method));
    if (refusing) {
      const kind = refusing === own?.slow ? 'openForCaller' : 'open';
      throw new UpstreamError(kind, request, { retryAfter: refusing.retryAfter() });
    }
    const trials = circuits.filter((circuit) => !circuit.isClosed());
    for (const circuit of trials) circuit.begin();
    try {
      return await next(request, caller);
    } catch (error) {
      // A trial whose caller left has found out nothing, and must not keep others waiting for the next.
      if (error instanceof UpstreamError && error.evidence === null) for (const circuit of trials) circuit.giveUp();
      throw error;
    }
  };

  const judge: Layer = (next) => async (request, caller) => {
    const state = stateOf(request.region);
    const identity = caller.identity(request.region);
    const begunAt = performance.now();
    try {
      const answer = await next(request, caller);
      const evidence = evidenceOf(answer);
      if (evidence === null) state.noteGood(identity, begunAt, caller.owner);
      else state.noteBad(evidence, identity, begunAt, caller.owner);
      return answer;
    } catch (error) {
      if (error instanceof UpstreamError && error.evidence !== null)
        state.noteBad(error.evidence, identity, begunAt, caller.owner);
      throw error;
    }
  };

  return {
    refuse,
    judge,
    isAvailable(region, identity) {
      const state = stateOf(region);
      const own = identity && state.circuitsOf(identity);
      return state.circuit.isClosed() && (!own || (own.failing.isClosed() && own.slow.isClosed()));
    },
    close() {
      for (const { stop } of watched.values()) stop();
    },
  };
}

function evidenceOf({ status }: UpstreamAnswer): Evidence {
  if (outageStatuses.has(status)) return 'againstRegion';
  return status === timeoutStatus ? 'againstCaller' : null;
}

/** The circuits of one identity: one that the same failures open as the region's, and one that timeouts open. */
interface OwnCircuits {
  readonly failing: Circuit;
  readonly slow: Circuit;
}

/** A region, its circuits, and the gateway's own look at it. */
interface WatchedRegion {
  /** For everybody. */
  readonly circuit: Circuit;
  /** Those of an identity whose calls have failed lately. */
  circuitsOf(identity: Identity): OwnCircuits | undefined;
  noteGood(identity: Identity, begunAt: number, owner: string): void;
  noteBad(evidence: NonNullable<Evidence>, identity: Identity, begunAt: number, owner: string): void;
  readonly stop: () => void;
}

/**
 * While a circuit is open that failing connections have opened, the gateway probes the region by itself, so that the
 * circuit closes whoever asks, and whatever for. It also probes when calls of an identity time out: a region that does
 * not answer the probe, and has not answered any call for `timeoutMs` before it, is failing for all callers.
 * @param isWell probes the region.
 */
function watch(timeoutMs: number, isWell: () => Promise<boolean>): WatchedRegion {
  const digest = createDigest();
  const identities = new LRUCache<string, OwnCircuits>({ max: maxIdentities, ttl: identityMemoryMs });
  const probed = new Set<Circuit>();
  let answeredAt = 0;
  let isSuspected = false;
  let timer: NodeJS.Timeout | undefined;

  function createProbed(leastSources: number): Circuit {
    const circuit = createCircuit({ leastSources, onOpen: () => probeUntilClosed(circuit) });
    return circuit;
  }

  const circuit = createProbed(2);

  function probeUntilClosed(open: Circuit): void {
    probed.add(open);
    timer ??= setInterval(() => void probeOpen(), trialIntervalMs).unref();
  }

  async function probeOpen(): Promise<void> {
    for (const open of probed) if (open.isClosed()) probed.delete(open);
    if (probed.size > 0 && (await isWell())) {
      for (const open of probed) open.close();
      probed.clear();
    }
    if (probed.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  async function suspect(): Promise<void> {
    if (isSuspected || !circuit.isClosed()) return;
    isSuspected = true;
    const silentSince = performance.now() - timeoutMs;
    const isAnswering = await isWell();
    isSuspected = false;
    if (!isAnswering && answeredAt < silentSince) circuit.open();
  }

  const keyOf = ({ token, tenant }: Identity) => digest([token, tenant]);

  // As a rule no identity has circuits, and a digest costs more than all the rest here.
  const circuitsOf = (identity: Identity) => (identities.size === 0 ? undefined : identities.get(keyOf(identity)));

  return {
    circuit,
    circuitsOf,
    noteGood(identity, begunAt, owner) {
      answeredAt = performance.now();
      circuit.note('good', begunAt, owner);
      const own = circuitsOf(identity);
      own?.failing.note('good', begunAt);
      own?.slow.note('good', begunAt);
    },
    noteBad(evidence, identity, begunAt, owner) {
      const key = keyOf(identity);
      const own = identities.get(key) ?? {
        failing: createProbed(1),
        slow: createCircuit({ leastSources: 1, onOpen: () => void suspect() }),
      };
      identities.set(key, own);
      if (evidence === 'againstCaller') own.slow.note('bad', begunAt);
      else {
        own.failing.note('bad', begunAt);
        circuit.note('bad', begunAt, owner);
      }
    },
    stop: () => clearInterval(timer),
  };
}
