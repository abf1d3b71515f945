import type { Account, Hold, Shortage } from '../fairness/memory.ts';
import { abortSignalOf, type Until } from '../fairness/until.ts';
import { decodedBytes } from './decoded-bytes.ts';
import type { HeldBody } from './send.ts';

/** In bytes. A body up to this size, such as 100 volumes, never waits for memory: the number of calls bounds the total. */
const unclaimedBytes = 192 * 1024;

/** In bytes. Memory for a body of unknown length is claimed in steps of this size. */
const stepBytes = 1024 * 1024;

/** Bytes charged per byte of a small body: the most that the body and everything decoded from it take. */
const smallFactor = 4;

/**
 * In bytes. Bodies from this size on lie in resizable memory, which goes back to the system as soon as they are decoded;
 * memory of `malloc` does not. Smaller ones stay in the chunks in which they arrived. To join each of them in memory of its
 * own would let V8 collect garbage twice as often, because such memory counts towards its limits.
 */
const resizableBytes = 4 * 1024 * 1024;

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
  #length: number | null = null;
  /** The buffer for the whole body; null while it is not known that the body is very large. */
  #whole: Buffer | null = null;
  #memoryOfWhole: ArrayBuffer | null = null;
  /** Aborts when the body is discarded, so that its claim does not stay in the queue. */
  #dropped: AbortController | null = null;

  constructor(memory: Account) {
    this.#memory = memory;
  }

  /** @param length the declared length of the body; `NaN` if none is declared. */
  expect(length: number): void {
    if (!Number.isNaN(length)) this.#length = length;
  }

  /** Adds a chunk. False if `pay` has to claim memory before more is read. */
  take(chunk: Buffer): boolean {
    if (this.#whole) chunk.copy(this.#whole, this.#received);
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
  async pay(until: Until): Promise<Shortage | null> {
    while (this.#received > this.#paid) {
      const goal = Math.max(this.#received, this.#length ?? this.#received + stepBytes);
      const shortage = await this.#takeUpTo(this.#costOf(goal), until);
      if (shortage) return shortage;
      this.#paid = goal;
    }
    if (this.#length === null || this.#length < resizableBytes || this.#dropped?.signal.aborted) return null;
    return this.#gather(this.#length) ? null : 'ofGateway';
  }

  /** Joins the chunks of a very large body, and claims the memory that is still missing for decoding a large one. */
  async finish(until: Until): Promise<Shortage | null> {
    if (this.#taken === 0) return null;
    if (this.#received >= resizableBytes && !this.#gather(this.#received)) return 'ofGateway';
    if (this.#whole) this.#chunks = [this.#whole.subarray(0, this.#received)];
    const needed = this.#received + decodedBytes(this.#chunks);
    const shortage = await this.#takeUpTo(needed, until);
    if (shortage) return shortage;
    this.#hold?.keep(needed);
    this.#taken = needed;
    return null;
  }

  /** The complete body, and the memory that it holds. */
  result(): { readonly chunks: readonly Buffer[]; readonly held: HeldBody | null } {
    if (this.#hold) {
      const decodedBytes = this.#taken - this.#received;
      const held = { hold: this.#hold, bytes: this.#taken, decodedBytes, free: () => this.#free() };
      return { chunks: this.#chunks, held };
    }
    this.#memory.count('rows', this.#received * smallFactor);
    return { chunks: this.#chunks, held: null };
  }

  /** Discards the body and gives its memory back. */
  drop(): void {
    this.#dropped?.abort();
    this.#hold?.keep(0);
    this.#chunks = [];
    this.#whole = null;
    this.#free();
  }

  #free(): void {
    this.#memoryOfWhole?.resize(0);
  }

  async #takeUpTo(bytes: number, until: Until): Promise<Shortage | null> {
    const more = bytes - this.#taken;
    if (more <= 0) return null;
    this.#hold ??= this.#memory.hold('bodies');
    this.#dropped ??= new AbortController();
    const signal = AbortSignal.any([abortSignalOf(until.signal), this.#dropped.signal]);
    const shortage = await this.#hold.grow(more, { deadline: until.deadline, signal });
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
   * Allocates the buffer for the whole body and moves the chunks into it. If the length is declared this happens early, so
   * that a large body is never held twice. False if the system has no memory for it.
   */
  #gather(length: number): boolean {
    if (this.#whole) return true;
    try {
      this.#memoryOfWhole = new ArrayBuffer(length, { maxByteLength: length });
    } catch {
      return false;
    }
    this.#whole = Buffer.from(this.#memoryOfWhole);
    let at = 0;
    for (const chunk of this.#chunks) at += chunk.copy(this.#whole, at);
    this.#chunks = [];
    return true;
  }
}
