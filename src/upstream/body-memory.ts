/** The memory of one body. */
export interface BodyMemory {
  readonly bytes: Buffer;
  /** Gives the memory back, once. The bytes may be another body's afterwards. */
  readonly free: () => void;
}

/**
 * In bytes. A body of this size or more gets a resizable buffer, whose memory `resize(0)` returns to the system at once.
 * `malloc` does not return the memory of smaller ones, so these are used again.
 */
const resizableBytes = 4 * 1024 * 1024;

/** The most bytes that are kept to be used again. */
const mostIdleBytes = 16 * 1024 * 1024;

/** Memory that is free, by its size. */
const idle = new Map<number, Buffer[]>();
let idleBytes = 0;

/**
 * Memory for a body that waits for its turn to be decoded. Without it the chunks would get into V8's old generation, and stay
 * there until the next full collection.
 * @param length of the body.
 * @returns null if the system has no memory for it.
 */
export function takeBodyMemory(length: number): BodyMemory | null {
  try {
    return length < resizableBytes ? takeReusable(length) : takeResizable(length);
  } catch {
    return null;
  }
}

function takeResizable(length: number): BodyMemory {
  const memory = new ArrayBuffer(length, { maxByteLength: length });
  return { bytes: Buffer.from(memory), free: () => memory.resize(0) };
}

function takeReusable(length: number): BodyMemory {
  const size = sizeFor(length);
  const known = idle.get(size)?.pop();
  if (known) idleBytes -= size;
  const bytes = known ?? Buffer.allocUnsafeSlow(size);
  let isTaken = true;
  return {
    bytes: bytes.subarray(0, length),
    free() {
      // Two bodies must never get the same memory.
      if (isTaken) keepIdle(bytes);
      isTaken = false;
    },
  };
}

/** Keeps a buffer for a later body. Drops idle buffers of other sizes if the total would exceed `mostIdleBytes`. */
function keepIdle(bytes: Buffer): void {
  for (const [size, others] of idle) {
    if (size === bytes.length) continue;
    while (idleBytes + bytes.length > mostIdleBytes && others.pop()) idleBytes -= size;
  }
  if (idleBytes + bytes.length > mostIdleBytes) return;
  const alike = idle.get(bytes.length);
  if (alike) alike.push(bytes);
  else idle.set(bytes.length, [bytes]);
  idleBytes += bytes.length;
}

/** One of four sizes up to the double of each: bodies of about the same length use the same memory. */
function sizeFor(length: number): number {
  const step = 2 ** Math.max(14, Math.floor(Math.log2(length)) - 2);
  return Math.ceil(length / step) * step;
}
