import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type Certificate, createAuthority } from '../support/certificates.ts';
import { freePort, listens } from '../support/connection.ts';

/** nginx in front of two replicas, with the configuration that the project recommends. */
export interface Nginx extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8080/graphql`: the same without TLS, for the tests that are not about it. */
  readonly url: string;
  /** Such as `https://localhost:8443`. */
  readonly secureOrigin: string;
  /** Such as `http://localhost:8081`: where everything leads to https. */
  readonly redirectingOrigin: string;
  /** The certificate of the authority, in PEM. */
  readonly certificate: string;
  /** Has it send nothing more to a replica, as an operator does: by `down` behind its address, and a reload. */
  takeOut(replica: number): Promise<void>;
}

/** Starts it in the foreground, on free ports and in a folder of its own. */
export async function startNginx(replicas: readonly [number, number]): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const ports = { plain: await freePort(), secure: await freePort(), redirecting: await freePort() };
  const { plain: port } = ports;
  const authority = createAuthority();
  const site = await readSite(authority.issue('localhost'), ports, replicas);
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
    secureOrigin: `https://localhost:${ports.secure}`,
    redirectingOrigin: `http://localhost:${ports.redirecting}`,
    certificate: authority.cert,
    async takeOut(replica) {
      await write(site.replace(`server 127.0.0.1:${replica} `, `server 127.0.0.1:${replica} down `));
      nginx.kill('SIGHUP');
      // The workers that still knew it take nothing more.
      await vi.waitFor(() => assert.equal(log.split('gracefully shutting down').length - 1, workers, log));
    },
    async [Symbol.asyncDispose]() {
      nginx.kill('SIGTERM');
      await ended;
      authority[Symbol.dispose]();
      await rm(folder, { recursive: true });
    },
  };
}

interface Ports {
  readonly plain: number;
  readonly secure: number;
  readonly redirecting: number;
}

/** The recommended part, with the ports and the certificate of a test. */
async function readSite(
  { certFile, keyFile }: Certificate,
  ports: Ports,
  replicas: readonly number[],
): Promise<string> {
  let site = await readFile(new URL('../../deploy/nginx.conf', import.meta.url), 'utf8');
  const secure = `listen 127.0.0.1:${ports.secure} ssl http2;`;
  const lines = [
    ['listen 80;', `listen 127.0.0.1:${ports.redirecting};`],
    ['listen 443 ssl http2;', `${secure} listen 127.0.0.1:${ports.plain};`],
    ['/etc/nginx/tls/graphql.example.pem', certFile],
    ['/etc/nginx/tls/graphql.example.key', keyFile],
  ];
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
