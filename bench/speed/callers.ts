import { tenantOf } from './rows.ts';

/*
 * Who asks. A token ends with eight hexadecimal digits and a tenant begins with eight: they name the caller, and are
 * overwritten in requests and answers that are kept as bytes.
 */

/** The token of a caller. */
export const tokenOf = (caller: number) => `${tokenStart}${caller.toString(16).padStart(8, '0')}`;

const tokenStart = 'token-';

/** Hexadecimal digits that name the caller, in a token or at the start of a tenant. */
export const callerDigits = 8;

/** What all tenants that the queries name begin with, the digits of the caller first. */
export const tenantStart = tenantOf(0).slice(0, 24);

/** Writes a number of 32 bits as eight hexadecimal digits. */
export function writeHex(bytes: Buffer, at: number, value: number): void {
  for (let place = 0; place < 8; place++) bytes[at + place] = hexDigits[(value >>> (28 - 4 * place)) & 15] ?? 0;
}

const hexDigits = Buffer.from('0123456789abcdef');

let strangers = 0;

/**
 * Prepares a request to be sent again and again, each time with a token and a tenant that no server has seen before.
 *
 * @returns what makes the request the next stranger's, in its bytes
 */
export function createStrangers(request: Buffer): () => void {
  const places = [
    ...placesOf(request, tokenStart).map((at) => at + tokenStart.length),
    ...placesOf(request, tenantStart),
  ];
  return () => {
    strangers++;
    // Multiplied by an odd number, so that the names of strangers differ in all digits, and none comes twice.
    for (const at of places) writeHex(request, at, Math.imul(strangers, 0x9e3779b1));
  };
}

/** The offsets of all occurrences of a text in bytes. */
export function placesOf(bytes: Buffer, text: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) places.push(at);
  return places;
}
