import { errorCodes } from '../../src/errors/codes.ts';
import type { Answer } from '../client.ts';
import { type Problem, problemsOf } from '../problems.ts';
import { print } from '../table.ts';
import type { FaultPeriod } from './faults.ts';
import { timeouts } from './settings.ts';

/** What a request may be answered with besides what every request may. */
export interface Expected {
  /** What is sent, as violations are printed with. */
  readonly name: string;
  readonly sent: string;
  /** Codes that are the request's own doing. */
  readonly codes?: readonly string[];
  /** HTTP statuses other than 200. */
  readonly statuses?: readonly number[];
}

export interface Judge {
  /** Checks an answer; true when it holds no error at all, so that its rows can be checked too. */
  check(answer: Answer, expected: Expected): boolean;
  violation(what: string, answer: Answer, expected: Expected): void;
  readonly requests: number;
  readonly violations: number;
  /** Errors by their codes, those of failures among them. */
  readonly codes: Readonly<Record<string, number>>;
  /** The longest that a region was called out of order after its fault was lifted, in milliseconds. */
  readonly longestOutage: number;
}

/** Messages between processes take their time, in milliseconds. */
const slackMs = 250;

/**
 * The gateway says this of a region that it does not call for a while: for all callers, or for one whose calls it did
 * not answer.
 */
const outOfOrder = /is not called for some seconds|did not answer your last calls/;

/**
 * So many milliseconds after a fault its region may still be called out of order. The last call that suffers from it
 * takes a timeout; then the breaker opens for 5 s (src/upstream/breaker.ts) and lets one call find out. When the client
 * of that call leaves, it has found out nothing and the breaker stays open: three times at most, one after the other.
 */
const outageMs = timeouts.upstream + 4 * (5000 + timeouts.upstream);

/** More are counted, but not printed. */
const maxPrinted = 20;

export function createJudge(periods: readonly FaultPeriod[]): Judge {
  const codes: Record<string, number> = {};
  let requests = 0;
  let violations = 0;
  let longestOutage = 0;

  function violation(what: string, answer: Answer, expected: Expected): void {
    violations++;
    if (violations <= maxPrinted) printViolation(what, answer, expected, periods);
  }

  function isCaused({ code, region, message }: Problem, answer: Answer): boolean {
    const reaches = (period: FaultPeriod, after: number) =>
      period.from <= answer.endedAt + slackMs && period.to + after + slackMs >= answer.sentAt;
    const own = periods.filter((period) => period.region === region);
    if (own.some((period) => period.codes.some((possible) => possible === code) && reaches(period, 0))) return true;
    if (code === 'UPSTREAM_UNAVAILABLE' && outOfOrder.test(message)) {
      const cause = own.findLast((period) => reaches(period, outageMs));
      if (cause) longestOutage = Math.max(longestOutage, answer.endedAt - cause.to);
      return cause !== undefined;
    }
    // One region that is slow can use up the time of the whole request.
    const isSpent = answer.endedAt - answer.sentAt >= timeouts.request * 0.9;
    return code === 'UPSTREAM_TIMEOUT' && isSpent && periods.some((period) => reaches(period, 0));
  }

  return {
    check(answer, expected) {
      requests++;
      const problems = answer.body ? problemsOf(answer.body) : [];
      for (const { code } of problems) codes[code] = (codes[code] ?? 0) + 1;
      const wrong = wrongForm(answer, problems, expected);
      if (wrong) {
        violation(wrong, answer, expected);
        return false;
      }
      for (const problem of problems) {
        const { code, region, message } = problem;
        if (code === 'OVERLOADED' || expected.codes?.includes(code)) continue;
        const what = `${code} of ${region ?? 'no region'} (${message})`;
        if (!Object.hasOwn(errorCodes, code)) violation(`${what} is no code of the table`, answer, expected);
        else if (!isCaused(problem, answer)) violation(`${what} has no cause`, answer, expected);
      }
      return problems.length === 0;
    },
    violation,
    codes,
    get requests() {
      return requests;
    },
    get violations() {
      return violations;
    },
    get longestOutage() {
      return longestOutage;
    },
  };
}

/** Why an answer is not one of the gateway, whatever it holds; null if it is. */
function wrongForm({ status, type, body }: Answer, problems: readonly Problem[], expected: Expected): string | null {
  const isRefused = status === 503 && problems.every(({ code }) => code === 'OVERLOADED');
  if (status !== 200 && !isRefused && !expected.statuses?.includes(status))
    return status === 0 ? 'no answer' : `HTTP status ${status}`;
  if (!body || !/^application\/(graphql-response\+)?json/.test(type) || !(body.data || body.errors?.length))
    return 'the answer is no GraphQL result';
  return null;
}

function printViolation(what: string, answer: Answer, { name, sent }: Expected, periods: readonly FaultPeriod[]): void {
  print(`\nVIOLATION in "${name}": ${what}`);
  print(`  sent ${(answer.sentAt / 1000).toFixed(2)} s, answered ${(answer.endedAt / 1000).toFixed(2)} s: ${sent}`);
  print(`  HTTP ${answer.status} ${answer.type}: ${answer.text}`);
  const near = periods.filter(({ to }) => to > answer.sentAt - outageMs);
  for (const { kind, region, from, to } of near)
    print(`  fault near it: ${kind} in ${region} from ${(from / 1000).toFixed(2)} s to ${(to / 1000).toFixed(2)} s`);
}
