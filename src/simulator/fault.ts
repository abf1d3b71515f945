import { type Answer, htmlAnswer } from './answer.ts';
import { faultAnswer, unauthorizedAnswer } from './error.ts';

/** A disturbance of the calls it matches. */
export interface Fault {
  region?: string;
  method?: string;
  /** Matched against path and query. */
  path?: RegExp;
  /** How often it strikes; without end when left out. */
  times?: number;
  /**
   * `delay` answers as always, `ms` later; `status`, `html` and `body` answer something else; `reset` destroys the
   * socket once the request has been read; `halfBody` destroys it in the middle of the real answer; `hang` never
   * answers.
   */
  kind: 'delay' | 'status' | 'reset' | 'halfBody' | 'html' | 'hang' | 'body';
  /** Milliseconds, for `delay`. */
  ms?: number;
  /** For `status`, `html` and `body`; 500, 503 and 200 when left out. */
  status?: number;
  body?: string;
  headers?: Record<string, string>;
}

/** The faults of all regions. */
export interface FaultList {
  readonly add: (fault: Fault) => () => void;
  /** The first fault that matches, one use of it spent. */
  readonly take: (region: string, method: string, path: string) => Fault | undefined;
}

export function createFaultList(): FaultList {
  const entries: { readonly fault: Fault; usesLeft: number }[] = [];
  return {
    add(fault) {
      const entry = { fault, usesLeft: fault.times ?? Number.POSITIVE_INFINITY };
      entries.push(entry);
      return () => {
        const index = entries.indexOf(entry);
        if (index >= 0) entries.splice(index, 1);
      };
    },
    take(region, method, path) {
      const entry = entries.find(
        ({ fault, usesLeft }) =>
          usesLeft > 0 &&
          (fault.region ?? region) === region &&
          (fault.method ?? method) === method &&
          // A regular expression with the g flag remembers where it stopped; search() does not.
          (fault.path === undefined || path.search(fault.path) >= 0),
      );
      if (entry) entry.usesLeft -= 1;
      return entry?.fault;
    },
  };
}

/** The answer of a fault that answers by itself; `undefined` for those that act on the real answer or on the socket. */
export function injectedAnswer(fault: Fault): Answer | undefined {
  const answer = answerOf(fault);
  if (!answer) return undefined;
  return { ...answer, body: fault.body ?? answer.body, headers: { ...answer.headers, ...fault.headers } };
}

function answerOf(fault: Fault): Answer | undefined {
  if (fault.kind === 'body') {
    return { status: fault.status ?? 200, headers: { 'Content-Type': 'application/json' }, body: '' };
  }
  if (fault.kind === 'html') {
    const text = 'The server is currently unavailable. Please try again at a later time.';
    return htmlAnswer(fault.status ?? 503, 'Service Unavailable', text);
  }
  if (fault.kind === 'status') {
    const status = fault.status ?? 500;
    return status === 401
      ? unauthorizedAnswer()
      : faultAnswer(status, MESSAGES[status] ?? MESSAGES[500], fault.headers);
  }
  return undefined;
}

const MESSAGES: Readonly<Record<number, string>> & { readonly 500: string } = {
  403: "Policy doesn't allow volume:get_all to be performed.",
  404: 'The resource could not be found.',
  413: 'This request was rate-limited.',
  429: 'This request was rate-limited.',
  500: 'The server has either erred or is incapable of performing the requested operation.',
  503: 'The server is currently unavailable. Please try again at a later time.',
};
