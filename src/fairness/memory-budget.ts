import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

const mib = 1024 * 1024;

/** What memory there is for, in bytes. */
export interface MemoryBudget {
  /** Bodies of regions, rows and answers. */
  readonly requests: number;
  /** Answers that are kept to be given again. */
  readonly records: number;
  /** Bodies of requests on their way in. */
  readonly incoming: number;
}

/** What the process itself takes, in bytes: of resident memory and of the heap, as measured when it has warmed up. */
const ownBytes = { resident: 190 * mib, heap: 60 * mib };

/** The part of the limit that may be filled: the rest is for peaks that nobody counts. */
const filledPart = 0.85;

/**
 * How much more is taken than what is counted, because V8 frees late. As measured: of resident memory, where the heap
 * may have half of the limit, as Node chooses within a container; where it may have more; and of the heap.
 */
const slack = { resident: 1.7, residentOfLargeHeap: 2, heap: 1.2 };

/** With less nothing could be read. */
const leastBytes = 16 * mib;

/** The most for records and for bodies of requests, in bytes; an eighth of everything is less in most places. */
const mostBytes = { records: 64 * mib, incoming: 128 * mib };

/** @param limitMib what the process may take, in MiB; null where only the machine limits it. */
export function memoryBudget(limitMib: number | null): MemoryBudget {
  const limit = limitMib === null ? machineLimit() : Math.min(limitMib * mib, machineLimit());
  const heap = getHeapStatistics().heap_size_limit;
  const residentSlack = heap > limit * 0.6 ? slack.residentOfLargeHeap : slack.resident;
  const all = Math.max(leastBytes, (limit * filledPart - ownBytes.resident) / residentSlack);
  const records = Math.min(mostBytes.records, all / 8);
  const incoming = Math.min(mostBytes.incoming, all / 8);
  // Rows and texts are on the heap, and all that requests hold may be rows.
  const ofHeap = (heap - ownBytes.heap) / slack.heap;
  return {
    requests: Math.floor(Math.min(all - records - incoming, Math.max(leastBytes, ofHeap))),
    records: Math.floor(records),
    incoming: Math.floor(incoming),
  };
}

/** The limit of the container, which says 0 or more than the machine has where there is none. */
function machineLimit(): number {
  const contained = process.constrainedMemory();
  return contained > 0 ? Math.min(contained, totalmem()) : totalmem();
}
