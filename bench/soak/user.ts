import type { Answer, Client, Identity } from '../client.ts';
import type { Random } from '../random.ts';
import type { Expected, Judge } from './judge.ts';

/** A volume that is there from the start and stays. */
export interface SeededVolume {
  readonly uuid: string;
  /** Such as `KR1`. */
  readonly region: string;
}

/** One of those who send requests, each after the answer to the one before. */
export interface User {
  readonly url: string;
  readonly random: Random;
  readonly identity: Identity;
  readonly judge: Judge;
  readonly seeded: readonly [SeededVolume, ...SeededVolume[]];
  /** Sends a query and checks its answer, as far as that is the same for all. */
  readonly ask: (query: string, variables: object, more?: Partial<Expected>) => Promise<Asked>;
  /** The same with any body. */
  readonly post: (body: string, more?: Partial<Expected>) => Promise<Asked>;
}

export interface Asked {
  readonly answer: Answer;
  // biome-ignore lint/suspicious/noExplicitAny: each load knows what it has asked for, and checks it
  readonly data: any;
  /** True for an answer without any error. */
  readonly isWhole: boolean;
  /** Tells of a violation where it does not hold. */
  readonly demand: (holds: boolean, what: string) => void;
}

export function createUser(client: Client, user: Omit<User, 'ask' | 'post'>, name: () => string): User {
  async function post(body: string, more: Partial<Expected> = {}): Promise<Asked> {
    const answer = await client.send(body, user.identity);
    const expected = { name: name(), sent: body.slice(0, 1000), ...more };
    const isWhole = user.judge.check(answer, expected);
    return {
      answer,
      data: answer.body?.data ?? null,
      isWhole,
      demand(holds, what) {
        if (!holds) user.judge.violation(what, answer, expected);
      },
    };
  }
  return { ...user, post, ask: (query, variables, more) => post(JSON.stringify({ query, variables }), more) };
}
