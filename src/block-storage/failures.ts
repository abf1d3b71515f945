import type { Region } from '../regions.ts';
import type { Caller } from '../upstream/send.ts';
import { BlockStorageError, isOfAnotherServer } from './error.ts';

/** What is done about the failures of a caller's calls to a region. Both functions return the error. */
export interface Failures {
  /** For an answer with this failure, or in spite of it: it may not be recorded. */
  readonly noted: <Failure>(error: Failure) => Failure;
  /** The same. What looks like another server's answer goes to the log, so that the operator can check the endpoint. */
  readonly report: <Failure>(error: Failure) => Failure;
}

export function noteFailures(caller: Caller, region: Region, warn: (message: string) => void): Failures {
  function noted<Failure>(error: Failure): Failure {
    caller.noteUnrepeatable();
    return error;
  }

  return {
    noted,
    report(error) {
      if (error instanceof BlockStorageError && isOfAnotherServer(error) && isDue(region))
        warn(`${error.message} If it stays so, check the endpoint in REGIONS.`);
      return noted(error);
    },
  };
}

/** The shortest time between two pieces of advice on one endpoint, in milliseconds: every call may fail. */
const adviceMs = 60_000;

const advised = new WeakMap<Region, number>();

function isDue(region: Region): boolean {
  const now = performance.now();
  if (now - (advised.get(region) ?? Number.NEGATIVE_INFINITY) < adviceMs) return false;
  advised.set(region, now);
  return true;
}
