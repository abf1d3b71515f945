import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, createClient, type Identity } from '../client.ts';
import { type Problem, problemsOf, secondsToWait } from '../problems.ts';

export interface Load {
  /** Of the gateway. */
  readonly url: string;
  readonly query: string;
  readonly tenant: string;
  /** Tokens that the requests are shared out among. */
  readonly callers: number;
  /** Requests at once, and in all. */
  readonly together: number;
  readonly requests: number;
  /** So long after the first one a request that is refused comes again, when it is told to; never if left out. */
  readonly againForMs?: number;
  /** A region that fails, with any of these codes; the answer holds what the others have. */
  readonly failing?: { readonly region: string; readonly codes: readonly string[] };
}

/** What requests came to, with how often: `answered`, `refused` with OVERLOADED, or what it is that it must not be. */
export type Tally = Record<string, number>;

export function count(tally: Tally, outcome: string): void {
  tally[outcome] = (tally[outcome] ?? 0) + 1;
}

export const identityOf = ({ callers, tenant }: Load, request: number): Identity => ({
  token: `caller-${request % callers}`,
  tenant,
});

/** Lets the regions accept every token: callers that none has accepted may ask for little at once. */
export async function acceptCallers(load: Load): Promise<void> {
  const client = createClient(load.url);
  const body = JSON.stringify({ query: '{ region(code: KR1) { volumes(first: 1) { nodes { name } } } }' });
  for (let caller = 0; caller < load.callers; caller++) await client.send(body, identityOf(load, caller));
  client.close();
}

/** Sends the requests and reads their answers, each of a thousand rows. */
export async function runLoad(load: Load): Promise<Tally> {
  await acceptCallers(load);
  const client = createClient(load.url);
  const tally: Tally = {};
  const body = JSON.stringify({ query: load.query });
  const end = performance.now() + (load.againForMs ?? 0);
  let begun = 0;

  async function ask(identity: Identity): Promise<void> {
    while (true) {
      const answer = await client.send(body, identity);
      const outcome = outcomeOf(answer, load);
      count(tally, outcome);
      const waitMs = secondsToWait(answer) * 1000;
      if (outcome !== 'refused' || performance.now() + waitMs > end) return;
      await delay(waitMs);
    }
  }

  const work = async () => {
    while (begun < load.requests) await ask(identityOf(load, begun++));
  };
  await Promise.all(Array.from({ length: load.together }, work));
  client.close();
  return tally;
}

function outcomeOf({ status, text, body }: Answer, { failing }: Load): string {
  if (!body) return status === 0 ? text : `HTTP ${status}`;
  const isMeant = ({ code, region }: Problem) => region === failing?.region && failing?.codes.includes(code);
  const problems = problemsOf(body).filter((problem) => !isMeant(problem));
  const wrong = problems.find(({ code }) => code !== 'OVERLOADED');
  if (wrong) return wrong.region ? `${wrong.code} of ${wrong.region}` : wrong.code;
  if (problems.length > 0) return 'refused';
  return body.data?.volumes?.nodes.length === 1000 ? 'answered' : 'short';
}
