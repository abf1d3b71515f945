import type { EventLoop } from '../../fairness/event-loop.ts';
import type { Until } from '../../fairness/until.ts';
import type { WorkEstimate } from '../../fairness/work.ts';
import type { Refusal } from '../refusal.ts';
import type { Costs } from './costs.ts';
import type { Principal } from './principal.ts';
import type { Queues } from './queues.ts';
import { mostWork, type Part, type Room, type Size } from './room.ts';
import type { Rules } from './rules.ts';

/** One request's side of the admission. */
export interface Admitted {
  /**
   * True as soon as the request may start; false if it is refused or its client disconnects. A request that has entered
   * before gives back what it holds and enters again.
   */
  enter(estimate: WorkEstimate, until: Until): boolean | Promise<boolean>;
  /** Charges work done for the request, in microseconds. Work beyond the estimate counts against the caller's share. */
  charge(work: number): void;
  /** To be called when the request was answered without errors: only then its cost is typical of its shape. */
  complete(): void;
  /** Gives back what the request holds, and starts queued requests. */
  leave(): void;
  /** Why the request was refused; null if it was not. */
  refusal(): Refusal | null;
}

/** What all requests have in common. */
export interface Shared {
  readonly room: Room;
  readonly queues: Queues;
  readonly rules: Rules;
  readonly costs: Costs;
  readonly eventLoop: Pick<EventLoop, 'noteWork'>;
}

/** What is known of one request. */
interface State {
  readonly principal: Principal;
  /** The caller as it was known when the request was registered. */
  readonly owner: string;
  /** What the request holds; null unless it is being executed. */
  part: Part | null;
  /** Under which its cost is remembered; null if it is small in any case. */
  shape: string | null;
  /** In microseconds, since it entered. */
  charged: number;
  isComplete: boolean;
  refusal: Refusal | null;
}

/** The most work of a small request, in microseconds like all work. */
const smallWork = 20_000;

/** The longest time in the queue, in milliseconds. Clients give up if it takes much longer. */
const maxWaitMs: Readonly<Record<Size, number>> = { small: 500, large: 2000 };

/** Registers a request. It holds nothing until it enters. */
export function register(shared: Shared, principal: Principal, owner: string): Admitted {
  const state: State = { principal, owner, part: null, shape: null, charged: 0, isComplete: false, refusal: null };
  return {
    enter: (estimate, until) => enter(shared, state, estimate, until),
    charge: (work) => charge(shared, state, work),
    complete() {
      state.isComplete = true;
    },
    leave: () => leave(shared, state),
    refusal: () => state.refusal,
  };
}

function enter(shared: Shared, state: State, estimate: WorkEstimate, until: Until): boolean | Promise<boolean> {
  const { room, rules, costs } = shared;
  const { principal, owner } = state;
  leave(shared, state);
  if (until.signal.aborted) return false;
  // What is small in any case needs no history.
  const shape = estimate.atMost > smallWork ? estimate.shape : null;
  state.shape = shape;
  state.charged = 0;
  state.isComplete = false;
  const expected = shape === null ? estimate.atFirst : costs.estimate(owner, shape, estimate);
  const work = Math.min(expected, mostWork);
  const size = work <= smallWork ? 'small' : 'large';
  state.refusal = size === 'small' ? rules.refusalOfSmall(principal) : rules.refusalOfLarge(principal, owner, work);
  if (state.refusal) return false;
  room.count(principal, 1);
  if (!rules.mayStart(principal, size, work)) return wait(shared, state, size, work, until);
  state.part = room.take(principal, size, work);
  return true;
}

/** Resolves to true once there is room and the request has taken it. */
function wait(
  { room, queues, rules }: Shared,
  state: State,
  size: Size,
  work: number,
  { signal, deadline }: Until,
): Promise<boolean> {
  const { principal, owner } = state;
  return new Promise((resolve) => {
    const end = (isIn: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      if (isIn) state.part = room.take(principal, size, work);
      else room.count(principal, -1);
      resolve(isIn);
    };
    const entry = queues[size].add(owner, work, { principal, work, enter: () => end(true) });
    const giveUp = () => {
      queues[size].drop(entry);
      end(false);
      // The entry may have blocked the ones behind it.
      queues.admit();
    };
    const refuse = () => {
      state.refusal = rules.refusalAfterWait(principal, size, work);
      giveUp();
    };
    const timer = setTimeout(refuse, Math.min(maxWaitMs[size], deadline - performance.now()));
    signal.addEventListener('abort', giveUp);
  });
}

function charge({ room, costs, eventLoop }: Shared, state: State, work: number): void {
  const { part, shape, owner } = state;
  state.charged += work;
  eventLoop.noteWork(work);
  if (!part || state.charged <= part.work) return;
  room.grow(part, state.charged - part.work);
  // Requests of the same shape must not start on an estimate that is known to be too low.
  if (shape !== null) costs.raise(owner, shape, state.charged);
}

function leave({ room, queues, costs }: Shared, state: State): void {
  const { part, shape, owner } = state;
  if (!part) return;
  room.count(state.principal, -1);
  room.giveBack(part);
  state.part = null;
  if (state.isComplete && shape !== null) costs.note(owner, shape, state.charged);
  queues.admit();
}
