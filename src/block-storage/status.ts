/** Stands for every status that the guide does not name. */
export const unknownStatus = 'UNKNOWN';

/** The upstream's word for a status if it is one of `statuses`, else `UNKNOWN`. */
export function knownStatus(statuses: object, word: string | null): string {
  return word !== null && Object.hasOwn(statuses, word) ? word : unknownStatus;
}
