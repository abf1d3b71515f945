import type { Account, Hold, Shortage } from '../fairness/memory.ts';
import type { Until } from '../fairness/until.ts';
import { decodedBytes } from './decoded-bytes.ts';
import type { HeldBody } from './send.ts';

/** In bytes. A body up to this size, such as 100 volumes, is only counted: the number of calls bounds all of them together. */
const smallBytes = 192 * 1024;

/** Memory for a body of unknown length is taken in steps of this size, in bytes. */
const stepBytes = 1024 * 1024;

/** What a small body and all that comes of it take at most, for each of its bytes. */
const smallFactor = 4;

/** The body of an answer while it comes in. What is large is paid for before it is taken in. */
export class Receiving {
  readonly #memory: Account;
  /** Null while it is small. */
  #hold: Hold | null = null;
  #chunks: Buffer[] = [];
  #received = 0;
  /** Bytes of the body that may be taken in. */
  #paid = smallBytes;
  /** Of the body and what is decoded from it, in bytes. */
  #taken = 0;
  #length: number | null = null;
  /** Where the whole body will be; null while it is small, or its length is not known. */
  #whole: Buffer | null = null;
  #memoryOfWhole: ArrayBuffer | null = null;
  /** Aborts when the body is discarded, so that its claim does not stay in the queue. */
  #dropped: AbortController | null = null;

  constructor(memory: Account) {
    this.#memory = memory;
  }

  /** @param length as declared; `NaN` where it is not. */
  expect(length: number): void {
    if (!Number.isNaN(length)) this.#length = length;
  }

  /** Takes in a chunk. False where no more may be taken in before it is paid for. */
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
    return this.#received <= smallBytes;
  }

  /** Takes memory for more of the body, and for what will be decoded from it. */
  async pay(until: Until): Promise<Shortage | null> {
    while (this.#received > this.#paid) {
      const goal = Math.max(this.#received, this.#length ?? this.#received + stepBytes);
      const shortage = await this.#takeUpTo(this.#costOf(goal), until);
      if (shortage) return shortage;
      this.#paid = goal;
    }
    if (this.#length === null || this.#dropped?.signal.aborted) return null;
    return this.#gather(this.#length) ? null : 'ofGateway';
  }

  /** Puts a large body together, and takes what is still missing for decoding it. */
  async finish(until: Until): Promise<Shortage | null> {
    if (this.#taken === 0) return null;
    if (!this.#gather(this.#received)) return 'ofGateway';
    const body = this.#whole?.subarray(0, this.#received) ?? Buffer.alloc(0);
    this.#chunks = [body];
    const needed = body.length + decodedBytes(body);
    const shortage = await this.#takeUpTo(needed, until);
    if (shortage) return shortage;
    this.#hold?.keep(needed);
    this.#taken = needed;
    return null;
  }

  /** The body, complete. */
  result(): { readonly chunks: readonly Buffer[]; readonly held: HeldBody | null } {
    if (this.#hold) {
      const decodedBytes = this.#taken - this.#received;
      const held = { hold: this.#hold, bytes: this.#taken, decodedBytes, free: () => this.#free() };
      return { chunks: this.#chunks, held };
    }
    this.#memory.count('rows', this.#received * smallFactor);
    return { chunks: this.#chunks, held: null };
  }

  /** Gives up: nobody needs it. */
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
    const signal = AbortSignal.any([until.signal, this.#dropped.signal]);
    const shortage = await this.#hold.grow(more, { deadline: until.deadline, signal });
    if (shortage === null) this.#taken = bytes;
    return shortage;
  }

  /** The cost of a body of this size, projected from the latest chunk. A body of unknown length is copied once at its end. */
  #costOf(bytes: number): number {
    const latest = this.#chunks.at(-1) ?? Buffer.alloc(0);
    const decoded = (decodedBytes(latest) / Math.max(1, latest.length)) * bytes;
    return Math.ceil(decoded + (this.#length === null ? 2 : 1) * bytes);
  }

  /**
   * Puts the body together, as soon as its length is known: what came in many pieces would be held twice for a while.
   * Resizable memory goes back to the system once it is freed, which memory of `malloc` does not.
   * False where the system has no memory for it.
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
