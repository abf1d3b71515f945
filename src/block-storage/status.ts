/** Stands for every status that the guide does not name. */
export const unknownStatus = 'UNKNOWN';

/** The upstream's word for a status if it is one of `statuses`, else `UNKNOWN`. */
export function knownStatus(statuses: object, word: string | null): string {
  return word !== null && Object.hasOwn(statuses, word) ? word : unknownStatus;
}

/** Whether a status passes by itself, such as `creating`. Also of words that the guide does not name: newer releases have more. */
export function isTransitional(word: string | null): boolean {
  if (word === null || word.startsWith('error')) return false;
  return word === 'maintenance' || ['ing', 'ing-up', 'ing-backup'].some((end) => word.endsWith(end));
}
