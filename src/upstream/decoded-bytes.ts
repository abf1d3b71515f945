/** How many pieces of a body are looked at, and how long each is, in bytes. */
const sample = { pieces: 16, bytes: 512 };

/** Bytes that an object or list costs once decoded, and any value, beside those of the JSON; the most that V8 was seen to take. */
const cost = { bracket: 58, comma: 8 };

/**
 * Bytes that a string costs, a key or a value, beside its characters. Rows of the same few members share what describes
 * them. Objects with many keys, or keys of their own, such as metadata, take four times as much.
 */
const stringCost = { least: 9, most: 48, perDistinctKey: 200, sharedPart: 0.05 };

const [quote, comma, openBracket, openBrace] = [0x22, 0x2c, 0x5b, 0x7b];

/** From this byte on a character is not in Latin-1: V8 holds a text that has one of these with two bytes a character. */
const firstWide = 0xc4;

/** From this byte on to 0xbf a byte of UTF-8 goes on with a character. */
const firstContinuing = 0x80;

/** What was seen in the pieces of a body. */
interface Seen {
  bytes: number;
  strings: number;
  /** Bytes for everything else than strings. */
  others: number;
  keys: number;
  readonly distinctKeys: Set<string>;
}

/**
 * About how many bytes JSON takes once it is decoded, and seldom less. Rows with long texts take hardly more than
 * their bytes, rows of many short values several times as much. Looks at some places only, at random ones, so that
 * nobody can arrange a body around them.
 */
export function decodedBytes(body: Buffer): number {
  const seen: Seen = { bytes: 0, strings: 0, others: 0, keys: 0, distinctKeys: new Set() };
  const { pieces, bytes } = sample;
  const step = Math.max(bytes, body.length / pieces);
  for (let start = 0; start < body.length; start += step) {
    const from = Math.floor(start + Math.random() * (step - bytes));
    look(seen, body.subarray(from, from + bytes));
  }
  if (seen.bytes === 0) return 0;
  const { least, most, perDistinctKey, sharedPart } = stringCost;
  const ownPart = seen.distinctKeys.size / Math.max(1, seen.keys) - sharedPart;
  const perString = Math.min(most, least + perDistinctKey * Math.max(0, ownPart));
  return Math.ceil((seen.strings * perString + seen.others) * (body.length / seen.bytes));
}

function look(seen: Seen, piece: Buffer): void {
  let quotes = 0;
  let isWide = false;
  let continuing = 0;
  for (const byte of piece) {
    if (byte === quote) quotes++;
    else if (byte === comma) seen.others += cost.comma;
    else if (byte === openBracket || byte === openBrace) seen.others += cost.bracket;
    else if (byte >= firstWide) isWide = true;
    else if (byte >= firstContinuing) continuing++;
  }
  seen.bytes += piece.length;
  seen.strings += quotes / 2;
  seen.others += isWide ? 2 * (piece.length - continuing) : piece.length;
  for (const [key] of piece.toString('latin1').matchAll(/"[^"]*"(?=\s*:)/g)) {
    seen.keys++;
    seen.distinctKeys.add(key);
  }
}
