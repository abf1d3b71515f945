import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { callerDigits, tenantStart, writeHex } from './callers.ts';
import { type Canned, can } from './canned.ts';
import type { Mood } from './kinds.ts';

/*
 * The canned upstream of all regions, at `/{region}/v2/{tenant}/…`: every answer is made once and kept as bytes. Where
 * an answer differs from the one before, a copy is changed in a few places and sent. It speaks just enough HTTP for GET,
 * over bare sockets, so that it is never what limits a server under test.
 *
 * A process of its own; its parent sends a `Mood` and is sent the endpoint, or the number of calls since the last one.
 */

let mood: Mood = { kind: 'same', delayMs: 0 };
let calls = 0;
let answers = 0;
/** By target, of the tenant that the queries name. */
const kept = new Map<string, Canned>();

const server = createServer({ noDelay: true }, (socket) => {
  let rest = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    rest += chunk.toString('latin1');
    for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
      const target = rest.slice(4, rest.indexOf(' ', 4));
      rest = rest.slice(end + 4);
      calls++;
      if (mood.delayMs > 0) setTimeout(answer, mood.delayMs, socket, target);
      else answer(socket, target);
    }
  });
});

function answer(socket: Socket, target: string): void {
  if (mood.kind === 'same') {
    socket.write(cannedOf(target).bytes);
    return;
  }
  if (mood.kind === 'cold') {
    const at = target.indexOf('/v2/') + 4;
    const own = `${target.slice(0, at)}${tenantStart}${target.slice(at + tenantStart.length)}`;
    const canned = cannedOf(own);
    send(socket, canned, (bytes) => setTenant(bytes, canned.tenants, target.slice(at, at + callerDigits)));
    return;
  }
  const canned = cannedOf(target);
  send(socket, canned, (bytes) => rename(bytes, mood.kind === 'oneRow' ? canned.names.slice(0, 1) : canned.names));
}

function cannedOf(target: string): Canned {
  let canned = kept.get(target);
  if (!canned) {
    canned = can(target);
    kept.set(target, canned);
  }
  return canned;
}

/** Sends a copy of an answer that is changed before. The copy is used again once it is sent. */
function send(socket: Socket, { bytes, free }: Canned, change: (copy: Buffer) => void): void {
  const copy = free.pop() ?? Buffer.from(bytes);
  change(copy);
  socket.write(copy, () => free.push(copy));
}

/** Gives each row a name that it has not had before. */
function rename(bytes: Buffer, names: readonly number[]): void {
  answers++;
  // Multiplied by an odd number: all digits change, and no row has the same name twice.
  const first = Math.imul(answers, 0x9e3779b1);
  for (let row = 0; row < names.length; row++) writeHex(bytes, names[row] ?? 0, first + row);
}

/** Makes the answer another tenant's, which differs in its first digits. */
function setTenant(bytes: Buffer, tenants: readonly number[], digits: string): void {
  const from = Buffer.from(digits, 'latin1');
  for (const at of tenants) {
    for (let place = 0; place < callerDigits; place++) bytes[at + place] = from[place] ?? 0;
  }
}

process.on('message', (wanted: Mood) => {
  // Copies differ from what is canned in other places for each kind.
  if (wanted.kind !== mood.kind) for (const [target, canned] of kept) kept.set(target, { ...canned, free: [] });
  mood = wanted;
  process.send?.(calls);
  calls = 0;
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1');
await once(server, 'listening');
// A listening TCP server always has an address of this shape.
const { port } = server.address() as AddressInfo;
process.send?.(`http://127.0.0.1:${port}`);
