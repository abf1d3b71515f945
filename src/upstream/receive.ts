import type { Account, Hold, Shortage } from '../fairness/memory.ts';
import { Ending, type Until } from '../fairness/until.ts';
import { type BodyMemory, takeBodyMemory } from './body-memory.ts';
import { decodedBytes } from './decoded-bytes.ts';
import type { UpstreamAnswer } from './send.ts';

/** In bytes. A body up to this size, such as 100 volumes, never waits for memory: the number of calls bounds the total. */
const unclaimedBytes = 192 * 1024;

/** In bytes. Memory for a body of unknown length is claimed in steps of this size. */
const claimStepBytes = 1024 * 1024;

/** Bytes charged per byte of a small body: the most that the body and everything decoded from it take. */
const smallFactor = 4;

/** In bytes. A body up to this size stays in the chunks in which it arrives: see `decodedAtOnceBytes` in decoded-answer.ts. */
const ungatheredBytes = 64 * 1024;

const dropped = new Error('the body is discarded');

/** Collects the body of a response. Memory for a large body is claimed before more of it is read. */
export class Receiving {
  readonly #memory: Account;
  /** The memory of a large body; null while the body is small. */
  #hold: Hold | null = null;
  #chunks: Buffer[] = [];
  #received = 0;
  /** Bytes of the body for which there is memory. */
  #paid = unclaimedBytes;
  /** Bytes held for the body and what will be decoded from it. */
  #taken = 0;
  /** The declared length; null if none is declared. */
  #length: number | null = null;
  /** Where the whole body is gathered; null while it stays in its chunks. */
  #whole: BodyMemory | null = null;
  /** Aborts when the body is discarded, as it is when the caller leaves: its claim must not stay in the queue. */
  readonly #dropped = new Ending();

  constructor(memory: Account) {
    this.#memory = memory;
  }

  /** @param length the declared length of the body; `NaN` if none is declared. */
  expect(length: number): void {
    if (!Number.isNaN(length)) this.#length = length;
  }

  /** Adds a chunk. False if `pay` has to claim memory before more is read. */
  take(chunk: Buffer): boolean {
    this.#gatherEarly();
    if (this.#whole) chunk.copy(this.#whole.bytes, this.#received);
    else this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#received <= this.#paid) {
      if (this.#taken > 0) this.#memory.noteProgress();
      return true;
    }
    return false;
  }

  isSmall(): boolean {
    return this.#received <= unclaimedBytes;
  }

  /** Claims memory for more of the body, and for what will be decoded from it. */
  async pay({ deadline }: Pick<Until, 'deadline'>): Promise<Shortage | null> {
    while (this.#received > this.#paid) {
      const goal = Math.max(this.#received, this.#length ?? this.#received + claimStepBytes);
      const shortage = await this.#takeUpTo(this.#costOf(goal), deadline);
      if (shortage) return shortage;
      this.#paid = goal;
    }
    return this.#dropped.aborted || this.#gatherEarly() ? null : 'ofGateway';
  }

  /** Joins the chunks of a large body, and claims the memory that is still missing for decoding it. */
  async finish({ deadline }: Pick<Until, 'deadline'>): Promise<Shortage | null> {
    if (this.#taken === 0) return null;
    if (!this.#gather(this.#received)) return 'ofGateway';
    const needed = this.#received + decodedBytes(this.#body());
    const shortage = await this.#takeUpTo(needed, deadline);
    if (shortage) return shortage;
    this.#hold?.keep(needed);
    this.#taken = needed;
    return null;
  }

  /** The complete body, and the memory that it holds. */
  result(): Pick<UpstreamAnswer, 'chunks' | 'free' | 'held'> {
    const body = { chunks: this.#body(), free: () => this.#free() };
    if (this.#hold) {
      const decodedBytes = this.#taken - this.#received;
      return { ...body, held: { hold: this.#hold, bytes: this.#taken, decodedBytes } };
    }
    this.#memory.count('rows', this.#received * smallFactor);
    return { ...body, held: null };
  }

  /** Discards the body and gives its memory back. */
  drop(): void {
    this.#dropped.abort(dropped);
    this.#hold?.keep(0);
    this.#free();
  }

  #body(): Buffer[] {
    if (this.#whole) this.#chunks = [this.#whole.bytes.subarray(0, this.#received)];
    return this.#chunks;
  }

  #free(): void {
    this.#chunks.length = 0;
    this.#whole?.free();
    this.#whole = null;
  }

  async #takeUpTo(bytes: number, deadline: number): Promise<Shortage | null> {
    const more = bytes - this.#taken;
    if (more <= 0) return null;
    this.#hold ??= this.#memory.hold('bodies');
    const shortage = await this.#hold.grow(more, { deadline, signal: this.#dropped });
    if (shortage === null) this.#taken = bytes;
    return shortage;
  }

  /**
   * Estimated bytes for a body of this size and what is decoded from it, projected from the latest chunk. A body of unknown
   * length counts twice, because a very large one is copied once at its end.
   */
  #costOf(bytes: number): number {
    const latest = this.#chunks.at(-1) ?? Buffer.alloc(0);
    const decoded = (decodedBytes([latest]) / Math.max(1, latest.length)) * bytes;
    return Math.ceil(decoded + (this.#length === null ? 2 : 1) * bytes);
  }

  /**
   * Gathers a body of declared length as soon as its memory is paid for, so that a large body is never held twice. False if
   * the system has no memory for it.
   */
  #gatherEarly(): boolean {
    const length = this.#length ?? 0;
    return length <= ungatheredBytes || length > this.#paid || this.#gather(length);
  }

  /** Moves the chunks into memory for the whole body. False if the system has none for it. */
  #gather(length: number): boolean {
    if (this.#whole) return true;
    this.#whole = takeBodyMemory(length);
    if (!this.#whole) return false;
    let at = 0;
    for (const chunk of this.#chunks) at += chunk.copy(this.#whole.bytes, at);
    this.#chunks = [];
    return true;
  }
}
