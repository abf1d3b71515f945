/** The samples that are taken from a body: how many, and the size of each in bytes. */
const sample = { pieces: 16, bytes: 512 };

/** Heap bytes for each object or list, and for each comma (so for each value), beyond the JSON’s own bytes; measured maxima. */
const cost = { bracket: 58, comma: 8 };

/**
 * Heap bytes for each string, key or value, in addition to its characters. Objects with the same few keys share one hidden
 * class in V8, and their strings cost `least`. The more of the sampled keys are distinct, beyond `sharedPart`, the more a string
 * costs, up to `most`: metadata with keys of its own in each row.
 */
const stringCost = { least: 9, most: 48, perDistinctKey: 200, sharedPart: 0.05 };

const [quote, comma, openBracket, openBrace] = [0x22, 0x2c, 0x5b, 0x7b];

/** The first UTF-8 lead byte of characters beyond Latin-1. A string with one of them takes two bytes per character in V8. */
const firstWide = 0xc4;

/** In UTF-8 the bytes from 0x80 to 0xbf continue a character. */
const firstContinuing = 0x80;

/** Totals of all samples. */
interface Seen {
  bytes: number;
  strings: number;
  /** Heap bytes of everything but the cost per string. */
  others: number;
  keys: number;
  readonly distinctKeys: Set<string>;
}

/**
 * Estimates the heap bytes of decoded JSON; the estimate is rarely too low. Rows with long texts take little more than their
 * bytes, rows of many short values several times as much. Reads only a few samples, at random places, so that no
 * body can be constructed to mislead the estimate.
 * @param chunks of the body.
 */
export function decodedBytes(chunks: readonly Buffer[]): number {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const seen: Seen = { bytes: 0, strings: 0, others: 0, keys: 0, distinctKeys: new Set() };
  const { pieces, bytes } = sample;
  const step = Math.max(bytes, length / pieces);
  for (let start = 0; start < length; start += step) {
    const from = Math.floor(start + Math.random() * (step - bytes));
    look(seen, pieceAt(chunks, from, bytes));
  }
  if (seen.bytes === 0) return 0;
  const { least, most, perDistinctKey, sharedPart } = stringCost;
  const ownPart = seen.distinctKeys.size / Math.max(1, seen.keys) - sharedPart;
  const perString = Math.min(most, least + perDistinctKey * Math.max(0, ownPart));
  return Math.ceil((seen.strings * perString + seen.others) * (length / seen.bytes));
}

/** Bytes from an offset of the body on, fewer if the chunk ends. */
function pieceAt(chunks: readonly Buffer[], offset: number, bytes: number): Buffer {
  let from = offset;
  for (const chunk of chunks) {
    if (from < chunk.length) return chunk.subarray(from, from + bytes);
    from -= chunk.length;
  }
  return Buffer.alloc(0);
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
