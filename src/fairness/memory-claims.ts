import type { Account, Shortage } from './memory.ts';
import { type Claim, compareClaims, type Limits, standstillMs, stuckClaim } from './memory-claim.ts';
import { onTimeoutOrAbort, type Signal } from './until.ts';

/** The waiting claims. */
export interface Claims {
  /** Grants the claim at once, or lets it wait until memory is given back, its time is up or the signal aborts. */
  add(claim: Claim, signal: Signal): void;
  /** Grants the waiting claims that fit. To be called whenever memory has been given back. */
  grant(): void;
  /** Refuses the waiting claims of an account. */
  forget(account: Account): void;
  readonly waiting: number;
}

/** A claim waits for this part of the time that its request has left. The rest is for using the memory. */
const waitedPart = 3 / 4;

export function createClaims(limits: Limits): Claims {
  const { shortageFor } = limits;
  /** The waiting claims, and what stops the timer and the listener of each. */
  const waiting = new Map<Claim, () => void>();
  let timer: NodeJS.Timeout | undefined;

  function grant(): void {
    if (waiting.size === 0) return;
    for (const claim of [...waiting.keys()].sort((a, b) => compareClaims(a, b, limits))) {
      const shortage = shortageFor(claim);
      if (shortage === null) end(claim, null);
      // Later claims must not take the memory that this one waits for. A claim beyond its owner’s share blocks no other.
      else if (shortage === 'ofGateway') return;
    }
  }

  function end(claim: Claim, shortage: Shortage | null): void {
    const stop = waiting.get(claim);
    if (!stop) return;
    waiting.delete(claim);
    stop();
    claim.settle(shortage);
    // The refused claim may have blocked the claims behind it.
    if (shortage !== null) grant();
    if (waiting.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  const giveUp = (claim: Claim) => end(claim, shortageFor(claim) ?? 'ofGateway');

  function refuseAll(account: Account, shortage: Shortage): void {
    for (const claim of waiting.keys()) if (claim.account === account) end(claim, shortage);
  }

  /** In a deadlock, refuses all claims of one request. */
  function refuseStuck(): void {
    const stuck = stuckClaim([...waiting.keys()], limits);
    if (stuck) refuseAll(stuck.account, shortageFor(stuck) ?? 'ofGateway');
  }

  return {
    add(claim, signal) {
      const ms = (claim.deadline - performance.now()) * waitedPart;
      if (signal.aborted || ms <= 0) return claim.settle('ofGateway');
      if (waiting.size === 0 && shortageFor(claim) === null) return claim.settle(null);
      const stop = onTimeoutOrAbort(ms, signal, () => giveUp(claim));
      waiting.set(claim, stop);
      grant();
      // After a pause of the process, read the data that has arrived before looking for a deadlock.
      if (waiting.size > 0) timer ??= setInterval(() => setImmediate(refuseStuck), standstillMs).unref();
    },
    grant,
    forget: (account) => refuseAll(account, 'ofGateway'),
    get waiting() {
      return waiting.size;
    },
  };
}
