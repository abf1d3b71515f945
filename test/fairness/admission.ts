import { createAdmission } from '../../src/http/admission/admission.ts';
import type { Principal } from '../../src/http/admission/principal.ts';

/* Admission control as a module, and what requests need of it. */

export const small = { shape: null, atFirst: 100, atMost: 100 };
export const large = { shape: null, atFirst: 500_000, atMost: 500_000 };

export function start(limit: number, unknown: readonly string[] = []) {
  const isAccepted = ({ tokens }: Principal) => !tokens.some((token) => unknown.includes(token));
  const ownerOf = (principal: Principal) => (isAccepted(principal) ? (principal.tokens[0] ?? '') : '');
  let late = 0;
  let speed = 1;
  const eventLoop = { averageDelay: () => late, noteWork() {}, speed: () => speed };
  const admission = createAdmission(limit, { isAccepted, ownerOf }, eventLoop);
  return {
    admission,
    open: (token: string) => admission.open({ tokens: [token] }),
    setLate: (milliseconds: number) => {
      late = milliseconds;
    },
    setSpeed: (now: number) => {
      speed = now;
    },
  };
}

export const until = () => ({ signal: new AbortController().signal, deadline: performance.now() + 60_000 });
