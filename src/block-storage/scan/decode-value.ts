import { letterF, letterN, letterT, nine, quote, zero } from './grammar.ts';

/**
 * Decodes one value of valid JSON, as `JSON.parse` does.
 * @param text holds one character for each byte.
 * @param end the offset after the value; negative if the value is encoded (grammar.ts).
 */
export function decodeValue(text: string, start: number, end: number): unknown {
  if (end < 0) return JSON.parse(Buffer.from(text.slice(start, -end), 'latin1').toString());
  switch (text.charCodeAt(start)) {
    case quote:
      return text.slice(start + 1, end - 1);
    case letterN:
      return null;
    case letterT:
      return true;
    case letterF:
      return false;
    default:
      return decodeShortInteger(text, start, end) ?? JSON.parse(text.slice(start, end));
  }
}

/** An integer of few digits and without a sign; null for any other value. */
function decodeShortInteger(text: string, start: number, end: number): number | null {
  if (end - start > mostDigits) return null;
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at);
    if (digit < zero || digit > nine) return null;
    number = 10 * number + digit - zero;
  }
  return number;
}

/** Integers of this length have 32 bits at most. */
const mostDigits = 9;
