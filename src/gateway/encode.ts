import type { Caller } from '../upstream/send.ts';

/** The characters that are encoded in one step. */
const charactersAtOnce = 1024 * 1024;

/** Encodes text in UTF-8; long text in pieces between which other work can run. */
export function toBytes(text: string, caller: Caller): Buffer | Promise<Buffer> {
  return text.length <= charactersAtOnce ? Buffer.from(text) : toBytesInSteps(text, caller);
}

async function toBytesInSteps(text: string, caller: Caller): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  let at = 0;
  for (let from = 0, to = 0; from < text.length; from = to) {
    const turn = caller.turns.goOn(caller.owner, caller);
    if (turn) await turn;
    caller.signal.throwIfAborted();
    to = from + charactersAtOnce;
    // Do not split a surrogate pair.
    if (isHighSurrogate(text.charCodeAt(to - 1))) to++;
    at += bytes.write(text.slice(from, to), at);
  }
  return bytes;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
