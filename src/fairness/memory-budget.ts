import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

const mib = 1024 * 1024;

/** How the memory of the process is divided, in bytes. */
export interface MemoryBudget {
  /** For responses of regions, decoded rows and answers. */
  readonly requests: number;
  /** For recorded answers. */
  readonly records: number;
  /** For pages of lists that are read again and again. */
  readonly pages: number;
  /** For request bodies while they are received. */
  readonly incoming: number;
}

/** What a warmed-up gateway takes without requests, in bytes, as measured: resident memory, and heap. */
const ownBytes = { resident: 190 * mib, heap: 60 * mib };

/** The part of the limit that is used. The rest is a reserve for memory that is not counted. */
const filledPart = 0.85;

/**
 * Real memory per counted byte, as measured; more than 1, because V8 frees late. `resident` applies if the heap may have half
 * of the limit, as Node chooses in a container; `residentOfLargeHeap` if it may have more; `heap` to the heap alone.
 */
const slack = { resident: 1.7, residentOfLargeHeap: 2, heap: 1.2 };

/** The least budget: with less, no large page could be read at all. */
const leastBytes = 16 * mib;

/** The most for each of these, in bytes; the part of the whole that each gets at most. */
const mostBytes = { records: 32 * mib, pages: 128 * mib, incoming: 128 * mib };
const mostPart = { records: 1 / 32, pages: 3 / 32, incoming: 1 / 8 };

/** @param limitMib `MEMORY_LIMIT_MIB`; null if it is not set. The limit of the container or machine applies as well. */
export function memoryBudget(limitMib: number | null): MemoryBudget {
  const limit = limitMib === null ? machineLimit() : Math.min(limitMib * mib, machineLimit());
  const heap = getHeapStatistics().heap_size_limit;
  const residentSlack = heap > limit * 0.6 ? slack.residentOfLargeHeap : slack.resident;
  const all = Math.max(leastBytes, (limit * filledPart - ownBytes.resident) / residentSlack);
  const share = (use: keyof typeof mostBytes) => Math.floor(Math.min(mostBytes[use], all * mostPart[use]));
  const [records, pages, incoming] = [share('records'), share('pages'), share('incoming')];
  // The heap bounds the budget as well, because everything that requests hold may be rows and text on the heap.
  const ofHeap = (heap - ownBytes.heap) / slack.heap;
  return {
    requests: Math.floor(Math.min(all - records - pages - incoming, Math.max(leastBytes, ofHeap))),
    records,
    pages,
    incoming,
  };
}

/** The memory limit of the container, or else of the machine. Without a limit Node reports 0 or a huge number. */
function machineLimit(): number {
  const contained = process.constrainedMemory();
  return contained > 0 ? Math.min(contained, totalmem()) : totalmem();
}
