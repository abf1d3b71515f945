import type { Memory } from './memory.ts';
import { type Ledger, RequestAccount } from './memory-account.ts';
import type { Claim } from './memory-claim.ts';
import { createClaims } from './memory-claims.ts';
import { createHolders, eldestOf, type Holders, type Owner } from './memory-owner.ts';

/** The part of the budget that one owner may hold. */
const share = 3 / 4;

/**
 * The part of the budget, and of an owner's share, that ordinary claims may fill. The rest is reserved for answers and for the
 * account that has held memory for the longest time, so that at least one request can always finish and give its memory back.
 */
const partForAll = 7 / 8;

/** @param budget in bytes. */
export function createMemory(budget: number): Memory {
  const owners = new Map<string, Owner>();
  const charged = { bodies: 0, rows: 0, answers: 0 };
  const holders = createHolders();
  const most = budget * share;
  const claims = createClaims({
    shortageFor(claim) {
      const { owner, bytes } = claim;
      if (owner.held + bytes > most * partFor(claim, owner.holders)) return 'ofCaller';
      const held = charged.bodies + charged.rows + charged.answers;
      return held + bytes > budget * partFor(claim, holders) ? 'ofGateway' : null;
    },
    isEldest: (account) => eldestOf(holders) === account,
    holdersFor: ({ owner }, shortage) => (shortage === 'ofCaller' ? owner.holders : holders),
  });
  const ledger: Ledger = { charged, holders, claims, most };

  return {
    budget,
    charged,
    open(name) {
      const owner = owners.get(name) ?? { holders: createHolders(), accounts: 0, held: 0 };
      owners.set(name, owner);
      owner.accounts++;
      return new RequestAccount(ledger, owner, () => {
        if (--owner.accounts === 0) owners.delete(name);
      });
    },
    get waiting() {
      return claims.waiting;
    },
  };
}

/** The part of a limit that a claim may fill: all of it for answers, for the eldest holder, and if nothing is held. */
function partFor({ kind, account }: Claim, holders: Holders): number {
  const eldest = eldestOf(holders);
  return kind === 'answers' || eldest === null || eldest === account ? 1 : partForAll;
}
