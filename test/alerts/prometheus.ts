import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../support/connection.ts';
import { fastRules } from './rules.ts';
import { until } from './until.ts';

export type Labels = Readonly<Record<string, string>>;

/** A Prometheus with the shipped rules, made faster. */
export interface Prometheus extends AsyncDisposable {
  /** Scrapes a gateway from now on, with a namespace of its own. Resolves when it has been scraped. */
  watch(namespace: string, gatewayUrl: string): Promise<void>;
  /** The labels of the alerts that fire and have these labels. */
  firing(labels: Labels): Promise<readonly Labels[]>;
  /** The value of an expression that has one; undefined if it has none. */
  value(expression: string): Promise<number | undefined>;
}

export async function startPrometheus(): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const port = await freePort();
  const targets: { targets: string[]; labels: { namespace: string } }[] = [];
  await writeFile(join(folder, 'rules.yaml'), fastRules());
  await writeFile(join(folder, 'prometheus.yaml'), stringify(configuration));
  writeTargets();
  const prometheus = spawn(
    process.env.PROMETHEUS ?? 'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  prometheus.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const ended = once(prometheus, 'close');

  /** Prometheus reads the file again when it changes. */
  function writeTargets(): void {
    writeFileSync(join(folder, 'targets.new'), JSON.stringify(targets));
    renameSync(join(folder, 'targets.new'), join(folder, 'targets.json'));
  }

  async function ask(path: string): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    assert.equal(response.status, 200, await response.clone().text());
    return response.json();
  }

  async function value(expression: string): Promise<number | undefined> {
    const path = `/api/v1/query?query=${encodeURIComponent(expression)}`;
    // The shape of an instant query's answer.
    const { data } = (await ask(path)) as { data: { result: { value: [number, string] }[] } };
    const [only] = data.result;
    return only && Number(only.value[1]);
  }

  await until(async () => {
    assert.equal(prometheus.exitCode, null, log);
    return (await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => null))?.ok === true;
  }, 'Prometheus is ready');
  return {
    value,
    async watch(namespace, gatewayUrl) {
      const { port: gatewayPort } = new URL(gatewayUrl);
      const target = `127.0.0.1:${gatewayPort}`;
      targets.push({ targets: [target], labels: { namespace } });
      writeTargets();
      await until(async () => (await value(`up{instance="${target}"}`)) === 1, `${namespace} is scraped`);
    },
    async firing(labels) {
      // The shape of the list of alerts.
      const { data } = (await ask('/api/v1/alerts')) as { data: { alerts: { state: string; labels: Labels }[] } };
      return data.alerts
        .filter(({ state }) => state === 'firing')
        .map((alert) => alert.labels)
        .filter((own) => Object.entries(labels).every(([name, wanted]) => own[name] === wanted));
    },
    async [Symbol.asyncDispose]() {
      prometheus.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** The paths are relative to the file. */
const configuration = {
  global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '1s' },
  rule_files: ['rules.yaml'],
  scrape_configs: [
    { job_name: 'block-storage-graphql', file_sd_configs: [{ files: ['targets.json'], refresh_interval: '1s' }] },
  ],
};
