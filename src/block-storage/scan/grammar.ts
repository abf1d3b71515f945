/*
 * The grammar of JSON, production by production of RFC 8259. Nothing is decoded here: each function gets the offset at which
 * a production begins and returns the offset after its last byte, or 0 if the bytes are not that production.
 *
 * A negative offset says that the value is encoded: a string in it holds an escape or a byte beyond ASCII, so its text
 * differs from the text of its bytes.
 *
 * Bytes beyond ASCII are accepted inside strings, valid UTF-8 or not: `Buffer.toString` decodes each invalid sequence to
 * U+FFFD, which JSON allows. The quote after an incomplete sequence ends the sequence, so a string can be decoded alone.
 */

/** The bytes that are scanned. Nothing before the first or after the last of them is read. */
export interface Source {
  readonly bytes: Buffer;
  /** The same bytes, to read four of them at once. */
  readonly view: DataView;
}

export const [quote, comma, openBrace, closeBrace, openBracket, closeBracket] = [0x22, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d];
export const [letterF, letterN, letterT] = [0x66, 0x6e, 0x74];
export const [zero, nine] = [0x30, 0x39];

export function sourceOf(bytes: Buffer): Source {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** `ws = *( space / horizontal tab / line feed / carriage return )` */
export function spaceEnd({ bytes }: Source, from: number): number {
  let at = from;
  // Most answers have no white space, and in JSON every other byte that may follow here is above a space.
  for (let byte = bytes[at]; byte !== undefined && byte <= space && isSpace(byte); byte = bytes[++at]);
  return at;
}

/** `value = false / null / true / object / array / number / string` */
export function valueEnd(source: Source, from: number, depth = 0): number {
  switch (source.bytes[from]) {
    case quote:
      return stringEnd(source, from);
    case letterN:
      return wordEnd(source, from, null4);
    case letterT:
      return wordEnd(source, from, true4);
    case letterF:
      return wordEnd(source, from + 1, falseTail);
    case openBracket:
      return depth < maxDepth ? arrayEnd(source, from, depth + 1) : 0;
    case openBrace:
      return depth < maxDepth ? objectEnd(source, from, depth + 1) : 0;
    case undefined:
      return 0;
    default:
      return numberEnd(source, from);
  }
}

/** `name-separator = ws : ws` */
export function separatorEnd(source: Source, from: number): number {
  const at = spaceEnd(source, from);
  return source.bytes[at] === colon ? spaceEnd(source, at + 1) : 0;
}

/** `string = quotation-mark *char quotation-mark`. Goes through four bytes at a time. */
export function stringEnd(source: Source, from: number): number {
  const { bytes, view } = source;
  const last = view.byteLength - 4;
  let at = from + 1;
  for (; at <= last; at += 4) {
    const stops = stopsIn(view.getInt32(at, true));
    if (stops === 0) continue;
    at += (31 - Math.clz32(stops & -stops)) >> 3;
    return bytes[at] === quote ? at + 1 : encodedStringEnd(source, at);
  }
  while (isPlain(bytes[at])) at++;
  return bytes[at] === quote ? at + 1 : encodedStringEnd(source, at);
}

const [backslash, colon, minus, plus, dot, smallE, capitalE, smallU] = [0x5c, 0x3a, 0x2d, 0x2b, 0x2e, 0x65, 0x45, 0x75];

/** Four letters as a little-endian integer. `false` has five, of which the last four are compared. */
const [null4, true4, falseTail] = [0x6c6c756e, 0x65757274, 0x65736c61];

/** Arrays and objects that nest deeper are left to `JSON.parse`, so that no answer exhausts the stack. */
const maxDepth = 32;

const space = 0x20;

function isSpace(byte: number): boolean {
  return byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Whether a byte of a string stands for itself. */
function isPlain(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x20 && byte < 0x80 && byte !== quote && byte !== backslash;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

/**
 * Marks those of four bytes that are a quotation mark, a backslash, a control character or beyond ASCII, by their highest
 * bits. The lowest mark is right; a borrow of the subtractions may set a wrong one above it.
 */
function stopsIn(four: number): number {
  const quotes = four ^ 0x22222222;
  const backslashes = four ^ 0x5c5c5c5c;
  return (
    (((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes) | (four - 0x20202020) | four) &
    0x80808080
  );
}

/** The rest of a string, from its first byte that does not stand for itself. */
function encodedStringEnd({ bytes }: Source, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte === quote) return -(at + 1);
    if (byte === undefined || byte < 0x20) return 0;
    at = byte === backslash ? escapeEnd(bytes, at) : at + 1;
    if (at === 0) return 0;
  }
}

/** `escape ( quotation-mark / escape / / / b / f / n / r / t / u 4HEXDIG )` */
function escapeEnd(bytes: Buffer, from: number): number {
  const byte = bytes[from + 1];
  if (byte === smallU) return /^[0-9a-f]{4}$/i.test(bytes.toString('latin1', from + 2, from + 6)) ? from + 6 : 0;
  return byte !== undefined && simpleEscapes.includes(byte) ? from + 2 : 0;
}

const simpleEscapes = Buffer.from('"\\/bfnrt');

/** `null`, `true`, or `false` without its first letter. */
function wordEnd({ view }: Source, from: number, letters: number): number {
  return from + 4 <= view.byteLength && view.getInt32(from, true) === letters ? from + 4 : 0;
}

/** `number = [ minus ] int [ frac ] [ exp ]`, `int = zero / ( digit1-9 *DIGIT )` */
function numberEnd({ bytes }: Source, from: number): number {
  const int = bytes[from] === minus ? from + 1 : from;
  let at = bytes[int] === zero ? int + 1 : digitsEnd(bytes, int);
  // `frac = decimal-point 1*DIGIT`
  if (at > 0 && bytes[at] === dot) at = digitsEnd(bytes, at + 1);
  // `exp = e [ minus / plus ] 1*DIGIT`
  if (at > 0 && (bytes[at] === smallE || bytes[at] === capitalE)) {
    const isSigned = bytes[at + 1] === minus || bytes[at + 1] === plus;
    at = digitsEnd(bytes, isSigned ? at + 2 : at + 1);
  }
  return at;
}

/** `1*DIGIT` */
function digitsEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (isDigit(bytes[at])) at++;
  return at > from ? at : 0;
}

/** `array = begin-array [ value *( value-separator value ) ] end-array` */
function arrayEnd(source: Source, from: number, depth: number): number {
  const { bytes } = source;
  let at = spaceEnd(source, from + 1);
  if (bytes[at] === closeBracket) return at + 1;
  for (let isEncoded = false; ; at = spaceEnd(source, at + 1)) {
    const end = valueEnd(source, at, depth);
    if (end === 0) return 0;
    isEncoded ||= end < 0;
    at = spaceEnd(source, Math.abs(end));
    if (bytes[at] === closeBracket) return isEncoded ? -(at + 1) : at + 1;
    if (bytes[at] !== comma) return 0;
  }
}

/** `object = begin-object [ member *( value-separator member ) ] end-object`, `member = string name-separator value` */
function objectEnd(source: Source, from: number, depth: number): number {
  const { bytes } = source;
  let at = spaceEnd(source, from + 1);
  if (bytes[at] === closeBrace) return at + 1;
  for (let isEncoded = false; ; at = spaceEnd(source, at + 1)) {
    const nameEnd = bytes[at] === quote ? stringEnd(source, at) : 0;
    const valueAt = nameEnd === 0 ? 0 : separatorEnd(source, Math.abs(nameEnd));
    const end = valueAt === 0 ? 0 : valueEnd(source, valueAt, depth);
    if (end === 0) return 0;
    isEncoded ||= nameEnd < 0 || end < 0;
    at = spaceEnd(source, Math.abs(end));
    if (bytes[at] === closeBrace) return isEncoded ? -(at + 1) : at + 1;
    if (bytes[at] !== comma) return 0;
  }
}
