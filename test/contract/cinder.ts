import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cinderFolder, type PeerUser, readDescription } from './peer.ts';

/* What only a real Cinder can have happen to it. What is done to a process is undone on disposal. */

/** Holds a region's process still: it takes connections and answers nothing. */
export async function pauseRegion(code: string): Promise<Disposable> {
  const pid = Number(await readFile(join(cinderFolder, 'run', `cinder-${code}.pid`), 'utf8'));
  process.kill(pid, 'SIGSTOP');
  return { [Symbol.dispose]: () => void process.kill(pid, 'SIGCONT') };
}

/** Ends a region's process; on disposal there is a new one, that answers. */
export async function stopRegion(code: string): Promise<AsyncDisposable> {
  // Twice, as the others need it back: it gives up where a region is slow to find its own parts.
  const undo = { [Symbol.asyncDispose]: () => run('start.sh').catch(() => run('start.sh')) };
  try {
    await run('stop.sh', `cinder-${code}`);
  } catch (error) {
    await undo[Symbol.asyncDispose]();
    throw error;
  }
  return undo;
}

/** The scripts of the peer; where they are is known to `.ci/run` in the same way. */
async function run(script: string, ...names: string[]): Promise<void> {
  await promisify(execFile)(join(process.env.CINDER_PEER_HOME ?? '../shared/cinder', script), names);
}

/** Whether a region's log has this text in it. */
export async function isLogged(code: string, text: string): Promise<boolean> {
  return (await readFile(join(cinderFolder, 'root/srv/peer', code, 'cinder.log'), 'utf8')).includes(text);
}

/** A new token of a user. */
export async function issueToken(name: string): Promise<PeerUser> {
  const { keystone, users } = await readDescription();
  const { password = '', tenantId = '' } = users[name] ?? {};
  const response = await fetch(`${keystone}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name, domain: { id: 'default' }, password } } },
        scope: { project: { id: tenantId } },
      },
    }),
  });
  const token = response.headers.get('x-subject-token');
  assert.ok(token, `no token for ${name}: ${response.status}`);
  return { token, tenant: tenantId };
}

/** Takes a token back. A region that has seen it before knows it for some minutes more. */
export async function revokeToken({ token }: PeerUser): Promise<void> {
  const { keystone } = await readDescription();
  const headers = { 'x-auth-token': token, 'x-subject-token': token };
  const { status } = await fetch(`${keystone}/auth/tokens`, { method: 'DELETE', headers });
  assert.equal(status, 204);
}
