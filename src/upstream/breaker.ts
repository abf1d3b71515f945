import type { Region, RegionTable } from '../regions.ts';
import { type Circuit, trialIntervalMs } from './circuit.ts';
import { type Evidence, UpstreamError } from './error.ts';
import { outageStatuses, timeoutStatus } from './fault.ts';
import type { OutcomeListener } from './outcome-listener.ts';
import { type Probed, probe } from './probe.ts';
import { createRegionCircuits, type RegionCircuits } from './region-circuits.ts';
import type { Identity, Layer, UpstreamAnswer } from './send.ts';

/**
 * Stops sending calls to a region that fails. Each region has a circuit for everybody, which broken connections, 502 and
 * 503 open. Each identity (one token with one tenant) whose own calls fail has circuits of its own, so that one tenant's
 * slow lists take the region from nobody else.
 */
export interface Breaker extends OutcomeListener {
  /** Refuses calls while a circuit is open. Comes before the layers in which calls wait. */
  readonly refuse: Layer;
  /** False while the region is kept from everybody, or from this identity; null asks for everybody alone. */
  readonly isAvailable: (region: Region, identity: Identity | null) => boolean;
  close(): void;
}

/**
 * @param options.timeoutMs the longest one REST call may take, in milliseconds.
 * @param options.onProbe called after each probe.
 */
export function createBreaker(
  regions: RegionTable,
  { timeoutMs, onProbe }: { timeoutMs: number; onProbe: (region: Region, probed: Probed) => void },
): Breaker {
  const probeMs = Math.min(timeoutMs, trialIntervalMs);
  const known = new Map(regions.map((region) => [region.code, createRegionCircuits(timeoutMs, () => isWell(region))]));

  /** Probes the region. */
  async function isWell(region: Region): Promise<boolean> {
    const probed = await probe(region, probeMs);
    onProbe(region, probed);
    return probed.fault === null;
  }

  function circuitsOf({ code }: Region): RegionCircuits {
    const circuits = known.get(code);
    if (!circuits) throw new Error(`region ${code} is not in the table`);
    return circuits;
  }

  return {
    refuse: refuseWhileOpen(circuitsOf),
    onAnswer({ request: { region }, caller, begunAt }, answer) {
      const circuits = circuitsOf(region);
      const evidence = evidenceOf(answer);
      if (evidence === null) circuits.noteGood(caller.identity(region), begunAt, caller.owner);
      else circuits.noteBad(evidence, caller.identity(region), begunAt, caller.owner);
    },
    onError({ request: { region }, caller, begunAt }, { evidence }) {
      if (evidence !== null) circuitsOf(region).noteBad(evidence, caller.identity(region), begunAt, caller.owner);
    },
    isAvailable(region, identity) {
      const { shared, ownOf } = circuitsOf(region);
      const own = identity && ownOf(identity);
      return shared.isClosed() && (!own || (own.failing.isClosed() && own.slow.isClosed()));
    },
    close() {
      for (const { stop } of known.values()) stop();
    },
  };
}

function refuseWhileOpen(circuitsOf: (region: Region) => RegionCircuits): Layer {
  return (next) => (request, caller) => {
    const { region, method } = request;
    const { shared, ownOf } = circuitsOf(region);
    const own = ownOf(caller.identity(region));
    if (!own && shared.isClosed()) return next(request, caller);
    const circuits = own ? [shared, own.failing, own.slow] : [shared];
    const refusing = circuits.find((circuit) => !circuit.mayTry(method));
    if (refusing) {
      const kind = refusing === own?.slow ? 'openForCaller' : 'open';
      return Promise.reject(new UpstreamError(kind, request, { retryAfter: refusing.retryAfter() }));
    }
    const trials = circuits.filter((circuit) => !circuit.isClosed());
    return trials.length === 0 ? next(request, caller) : tryOut(trials, () => next(request, caller));
  };
}

/** Makes a call that is the trial of open circuits. */
async function tryOut(trials: readonly Circuit[], send: () => Promise<UpstreamAnswer>): Promise<UpstreamAnswer> {
  for (const circuit of trials) circuit.begin();
  try {
    return await send();
  } catch (error) {
    // A trial whose caller left has found out nothing, and must not keep others waiting for the next.
    if (error instanceof UpstreamError && error.evidence === null) for (const circuit of trials) circuit.giveUp();
    throw error;
  }
}

function evidenceOf({ status }: UpstreamAnswer): Evidence {
  if (outageStatuses.has(status)) return 'againstRegion';
  return status === timeoutStatus ? 'againstCaller' : null;
}
