import { LRUCache } from 'lru-cache';
import { createDigest } from '../digest.ts';
import type { Region, RegionTable } from '../regions.ts';
import { type Circuit, createCircuit, trialIntervalMs } from './circuit.ts';
import { outageStatuses, probe, timeoutStatus } from './probe.ts';
import { type Evidence, type Identity, type Layer, type UpstreamAnswer, UpstreamError } from './send.ts';

/**
 * Keeps calls from a region that fails. Each region has a circuit for everybody, which failed connections, 502 and 503
 * open, and a circuit for each caller whose own calls time out: one tenant's slow lists take the region from nobody else.
 */
export interface Breaker {
  readonly layer: Layer;
  /** False while the region is kept from everybody, or from this caller; null asks for everybody alone. */
  isAvailable(region: Region, identity: Identity | null): boolean;
  close(): void;
}

/** Callers with a circuit of their own, of all regions, at most. The least recently failed one is forgotten first. */
const maxCallers = 10_000;

/**
 * A caller's circuit is forgotten so many milliseconds after the last failure that counted: a caller that only writes
 * would else never be let through again.
 */
const callerMemoryMs = 30_000;

/** @param options.timeoutMs the longest one REST call may take, in milliseconds. */
export function createBreaker(regions: RegionTable, { timeoutMs }: { timeoutMs: number }): Breaker {
  const digest = createDigest();
  const callers = new LRUCache<string, Circuit>({ max: maxCallers, ttl: callerMemoryMs });
  const watched = new Map(regions.map((region) => [region.code, watch(region, timeoutMs)]));

  function stateOf({ code }: Region): WatchedRegion {
    const state = watched.get(code);
    if (!state) throw new Error(`region ${code} is not in the table`);
    return state;
  }

  const keyOf = (region: Region, { token, tenant }: Identity) => digest([region.code, token, tenant]);

  function circuitOf(region: Region, identity: Identity): Circuit | undefined {
    // As a rule no caller has one, and a digest costs more than the rest of this layer.
    return callers.size === 0 ? undefined : callers.get(keyOf(region, identity));
  }

  function noteAgainstCaller(region: Region, identity: Identity, begunAt: number): void {
    const key = keyOf(region, identity);
    const circuit = callers.get(key) ?? createCircuit(() => stateOf(region).suspect());
    callers.set(key, circuit);
    circuit.note('bad', begunAt);
  }

  const layer: Layer = (next) => async (request, caller) => {
    const { region, method } = request;
    const state = stateOf(region);
    const identity = caller.identity(region);
    const own = circuitOf(region, identity);
    if (own?.admits(method) === false)
      throw new UpstreamError('openForCaller', request, { retryAfter: own.retryAfter() });
    if (!state.circuit.admits(method))
      throw new UpstreamError('open', request, { retryAfter: state.circuit.retryAfter() });
    const begunAt = performance.now();

    function note(evidence: Evidence): void {
      if (evidence === 'againstRegion') state.circuit.note('bad', begunAt);
      if (evidence === 'againstCaller') noteAgainstCaller(region, identity, begunAt);
    }

    try {
      const answer = await next(request, caller);
      const evidence = evidenceOf(answer);
      note(evidence);
      if (evidence === null) {
        state.noteAnswer(begunAt);
        own?.note('good', begunAt);
      }
      return answer;
    } catch (error) {
      if (error instanceof UpstreamError) note(error.evidence);
      throw error;
    }
  };

  return {
    layer,
    isAvailable: (region, identity) =>
      stateOf(region).circuit.isClosed() && (!identity || (circuitOf(region, identity)?.isClosed() ?? true)),
    close() {
      for (const { stop } of watched.values()) stop();
    },
  };
}

function evidenceOf({ status }: UpstreamAnswer): Evidence {
  if (outageStatuses.has(status)) return 'againstRegion';
  return status === timeoutStatus ? 'againstCaller' : null;
}

/** A region, its circuit for everybody, and the gateway's own look at it. */
interface WatchedRegion {
  readonly circuit: Circuit;
  noteAnswer(begunAt: number): void;
  /** A caller's calls time out: looks whether the region answers anybody at all. */
  suspect(): void;
  stop(): void;
}

/**
 * While the circuit is open the gateway probes the region by itself, so that it closes whoever asks, and whatever for.
 * It also probes when a caller's circuit opens: a region that answers neither the probe nor anybody, for as long as one
 * call may take before it, is out of order for all.
 */
function watch(region: Region, timeoutMs: number): WatchedRegion {
  const probeMs = Math.min(timeoutMs, trialIntervalMs);
  let answeredAt = 0;
  let isSuspected = false;
  let timer: NodeJS.Timeout | undefined;

  const circuit = createCircuit(() => {
    clearInterval(timer);
    timer = setInterval(() => void probeOpen(), trialIntervalMs).unref();
  });

  async function probeOpen(): Promise<void> {
    if (circuit.isClosed()) clearInterval(timer);
    else if (await probe(region, probeMs)) circuit.close();
  }

  async function suspect(): Promise<void> {
    if (isSuspected || !circuit.isClosed()) return;
    isSuspected = true;
    const silentSince = performance.now() - timeoutMs;
    const isWell = await probe(region, probeMs);
    isSuspected = false;
    if (!isWell && answeredAt < silentSince) circuit.open();
  }

  return {
    circuit,
    noteAnswer(begunAt) {
      answeredAt = performance.now();
      circuit.note('good', begunAt);
    },
    suspect: () => void suspect(),
    stop: () => clearInterval(timer),
  };
}
