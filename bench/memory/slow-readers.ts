import { connect, type Socket } from 'node:net';
import { readMetrics } from '../process.ts';
import { postRequest } from '../speed/messages.ts';
import { acceptCallers, count, identityOf, type Load, type Tally } from './load.ts';
import { answersBegun, waitUntilFree } from './settle.ts';

/**
 * Sends every request at once, each on a connection of its own, and reads nothing until the gateway is done with all of
 * them: it cuts off who reads nothing. Then reads how the answers begin.
 */
export async function readNothing(load: Load): Promise<Tally> {
  await acceptCallers(load);
  const before = answersBegun(await readMetrics(load.url));
  const sockets = Array.from({ length: load.requests }, (_, request) => openReader(load, request));
  const tally: Tally = {};
  if (!(await waitUntilFree(load.url, before + load.requests))) count(tally, 'some were never cut off');
  for (const outcome of await Promise.all(sockets.map(readStart))) count(tally, outcome);
  return tally;
}

function openReader(load: Load, request: number): Socket {
  const { token, tenant } = identityOf(load, request);
  const headers = { 'x-auth-token': token, 'x-tenant-id': tenant, connection: 'close' };
  // A socket that is paused before it is connected takes nothing from the system.
  const socket = connect(Number(new URL(load.url).port), '127.0.0.1').pause();
  socket.on('error', () => {});
  socket.write(postRequest('/graphql', headers, JSON.stringify({ query: load.query })));
  return socket;
}

async function readStart(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (part) => {
    if (text.length < 4096) text += part;
  });
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  const code = /"code":"(\w+)"/.exec(text)?.[1];
  if (code) return code === 'OVERLOADED' ? 'refused' : code;
  return text.startsWith('HTTP/1.1 200 ') ? 'answered' : 'closed without an answer';
}
