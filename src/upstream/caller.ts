import { randomUUID } from 'node:crypto';
import type { CallBudget } from './send.ts';

export function createCallBudget(most: number): CallBudget {
  let made = 0;
  return {
    take() {
      if (made >= most) return false;
      made++;
      return true;
    },
    isSpent: () => made >= most,
  };
}

/** OpenStack takes `req-` and a UUID as the global request id, and nothing else (oslo.context, oslo.middleware). */
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The request id itself with `req-` before it if it is a UUID, else a new UUID: OpenStack ignores any other form. */
export function globalRequestIdOf(requestId: string): string {
  return `req-${uuidPattern.test(requestId) ? requestId.toLowerCase() : randomUUID()}`;
}
