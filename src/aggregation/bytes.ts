/* Numbers, hexadecimal text and values of rows as bytes, written one after the other. */

/** What a value is written as. */
const kinds = { null: 0, number: 1, negative: 2, text: 3, time: 4, utf16: 5 };

/** In the year 2255. The microseconds of later times have more than 53 bits. */
const maxSeconds = 9_000_000_000;

/** A time as rows have it. */
const timePattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})Z$/;

export class ByteWriter {
  #bytes: Buffer;
  #at: number;

  /** @param start the bytes to leave free at the beginning. */
  constructor(start: number) {
    this.#bytes = Buffer.alloc(start + 128);
    this.#at = start;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  /** A whole number from 0 to 2^53: seven bits a byte, the lowest first. */
  number(value: number): void {
    let left = value;
    for (; left > 127; left = Math.floor(left / 128)) this.byte((left % 128) | 128);
    this.byte(left);
  }

  hex(text: string): void {
    this.#room(text.length / 2);
    this.#at += this.#bytes.write(text, this.#at, 'hex');
  }

  /** A time is written as a number, 9 bytes: most lists are ordered by it. */
  value(value: string | number | null): void {
    if (value === null) this.byte(kinds.null);
    else if (typeof value === 'number') {
      this.byte(value < 0 ? kinds.negative : kinds.number);
      this.number(Math.abs(value));
    } else this.#textOrTime(value);
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #textOrTime(text: string): void {
    const [, toSecond, microseconds] = timePattern.exec(text) ?? [];
    const seconds = toSecond === undefined ? Number.NaN : Date.parse(`${toSecond}Z`) / 1000;
    if (seconds >= 0 && seconds < maxSeconds && secondText(seconds) === toSecond) {
      this.byte(kinds.time);
      this.number(seconds * 1_000_000 + Number(microseconds));
      return;
    }
    // UTF-8 cannot hold half of a surrogate pair, which a region may send.
    const [kind, bytes] = text.isWellFormed()
      ? [kinds.text, Buffer.from(text)]
      : [kinds.utf16, Buffer.from(text, 'utf16le')];
    this.byte(kind);
    this.number(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(Math.max(bytes, this.#bytes.length))]);
  }
}

/** Reads what a `ByteWriter` has written. Every method throws a `RangeError` for anything else. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    const [byte = 0] = this.#take(1);
    return byte;
  }

  number(): number {
    let value = 0;
    for (let unit = 1; unit < Number.MAX_SAFE_INTEGER; unit *= 128) {
      const byte = this.byte();
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
    throw new RangeError('a number that is too large');
  }

  hex(bytes: number): string {
    return this.#take(bytes).toString('hex');
  }

  value(): string | number | null {
    const kind = this.byte();
    if (kind === kinds.null) return null;
    if (kind === kinds.number) return this.number();
    if (kind === kinds.negative) return -this.number();
    if (kind === kinds.text) return this.#take(this.number()).toString();
    if (kind === kinds.utf16) return this.#take(this.number()).toString('utf16le');
    if (kind === kinds.time) return this.#time();
    throw new RangeError('an unknown kind of value');
  }

  #time(): string {
    const microseconds = this.number();
    const seconds = Math.floor(microseconds / 1_000_000);
    return `${secondText(seconds)}.${String(microseconds % 1_000_000).padStart(6, '0')}Z`;
  }

  #take(bytes: number): Buffer {
    if (bytes > this.#bytes.length - this.#at) throw new RangeError('too few bytes');
    this.#at += bytes;
    return this.#bytes.subarray(this.#at - bytes, this.#at);
  }
}

/** `2018-12-18T05:43:12` */
function secondText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}
