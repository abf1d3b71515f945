import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

const mib = 1024 * 1024;

/** How the memory of the process is divided, in bytes. */
export interface MemoryBudget {
  /** For responses of regions, decoded rows and answers. */
  readonly requests: number;
  /** For recorded answers. */
  readonly records: number;
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

/** The most for recorded answers and for request bodies, in bytes. Each also gets an eighth of the whole at most. */
const mostBytes = { records: 64 * mib, incoming: 128 * mib };

/** @param limitMib `MEMORY_LIMIT_MIB`; null if it is not set. The limit of the container or machine applies as well. */
export function memoryBudget(limitMib: number | null): MemoryBudget {
  const limit = limitMib === null ? machineLimit() : Math.min(limitMib * mib, machineLimit());
  const heap = getHeapStatistics().heap_size_limit;
  const residentSlack = heap > limit * 0.6 ? slack.residentOfLargeHeap : slack.resident;
  const all = Math.max(leastBytes, (limit * filledPart - ownBytes.resident) / residentSlack);
  const records = Math.min(mostBytes.records, all / 8);
  const incoming = Math.min(mostBytes.incoming, all / 8);
  // The heap bounds the budget as well, because everything that requests hold may be rows and text on the heap.
  const ofHeap = (heap - ownBytes.heap) / slack.heap;
  return {
    requests: Math.floor(Math.min(all - records - incoming, Math.max(leastBytes, ofHeap))),
    records: Math.floor(records),
    incoming: Math.floor(incoming),
  };
}

/** The memory limit of the container, or else of the machine. Without a limit Node reports 0 or a huge number. */
function machineLimit(): number {
  const contained = process.constrainedMemory();
  return contained > 0 ? Math.min(contained, totalmem()) : totalmem();
}
