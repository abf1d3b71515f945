import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { freePort, listens } from '../support/connection.ts';

/** nginx in front of two replicas, with the configuration that the project recommends. */
export interface Nginx extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8080/graphql`. */
  readonly url: string;
  /** Has it send nothing more to a replica, as an operator does: by `down` behind its address, and a reload. */
  takeOut(replica: number): Promise<void>;
}

/** Starts it in the foreground, on a free port and in a folder of its own. */
export async function startNginx(replicas: readonly [number, number]): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const port = await freePort();
  const site = await readSite(port, replicas);
  const write = (site: string) => writeFile(join(folder, 'nginx.conf'), configuration(folder, site));
  await write(site);
  const nginx = spawn(process.env.NGINX ?? 'nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let log = '';
  nginx.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const ended = once(nginx, 'close');
  await vi.waitFor(async () => {
    assert.equal(nginx.exitCode, null, log);
    assert.ok(await listens(port), log);
  });
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    async takeOut(replica) {
      await write(site.replace(`server 127.0.0.1:${replica} `, `server 127.0.0.1:${replica} down `));
      nginx.kill('SIGHUP');
      // The workers that still knew it take nothing more.
      await vi.waitFor(() => assert.equal(log.split('gracefully shutting down').length - 1, workers, log));
    },
    async [Symbol.asyncDispose]() {
      nginx.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** The recommended part, with the ports of a test. */
async function readSite(port: number, replicas: readonly number[]): Promise<string> {
  let site = await readFile(new URL('../../deploy/nginx.conf', import.meta.url), 'utf8');
  const lines = [['listen 8080;', `listen 127.0.0.1:${port};`]];
  for (const [index, replica] of replicas.entries())
    lines.push([`server 127.0.0.1:${4000 + index} `, `server 127.0.0.1:${replica} `]);
  for (const [shown = '', meant = ''] of lines) {
    assert.equal(site.split(shown).length, 2, `deploy/nginx.conf has no ${shown}`);
    site = site.replace(shown, meant);
  }
  return site;
}

const workers = 2;

/** What is around it, so that nginx leaves everything else alone. */
function configuration(folder: string, site: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  return `
    daemon off;
    worker_processes ${workers};
    pid ${folder}/nginx.pid;
    error_log stderr notice;
    events { worker_connections 1024; }
    http {
      access_log off;
      ${temporary.join('\n')}
      ${site}
    }`;
}
