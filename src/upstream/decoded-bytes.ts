/** How many pieces of a body are looked at, and how long each is, in bytes. */
const sample = { pieces: 32, bytes: 512 };

/**
 * What a byte of JSON costs once decoded, beside itself: 38 bytes a string, which may be a member of an object with keys
 * of its own, 58 an object or list, 8 any value. These are the most that V8 was seen to take.
 */
const costs = new Uint8Array(256);
costs[0x22] = 38 / 2;
costs[0x7b] = 58;
costs[0x5b] = 58;
costs[0x2c] = 8;

/** From this byte on a character is not in Latin-1: V8 holds a text that has one of these with two bytes a character. */
const firstWide = 0xc4;

/**
 * About how many bytes JSON takes once it is decoded, and seldom less. Rows with long texts take hardly more than
 * their bytes, rows of many short values three times as much. Looks at some places only, at random ones, so that
 * nobody can arrange a body around them.
 */
export function decodedBytes(body: Buffer): number {
  if (body.length <= sample.pieces * sample.bytes) return costOf(body, 0, body.length);
  const step = body.length / sample.pieces;
  let cost = 0;
  for (let piece = 0; piece < sample.pieces; piece++) {
    const from = Math.floor(piece * step + Math.random() * (step - sample.bytes));
    cost += costOf(body, from, from + sample.bytes);
  }
  return Math.ceil(cost * (step / sample.bytes));
}

function costOf(body: Buffer, from: number, to: number): number {
  let cost = 0;
  let isWide = false;
  for (let at = from; at < to; at++) {
    const byte = body[at] ?? 0;
    cost += costs[byte] ?? 0;
    if (byte >= firstWide) isWide = true;
  }
  return cost + (to - from) * (isWide ? 2 : 1);
}
