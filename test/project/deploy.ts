import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Service } from 'kubernetes-models/v1/Service';
import { expect } from 'vitest';
import { parse } from 'yaml';

/* The files in deploy/, as they are read by their tests. */

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const read = (path: string) => readFileSync(join(root, path), 'utf8');
export const operations = read('docs/operations.md');

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

const models = [
  Deployment,
  HorizontalPodAutoscaler,
  Ingress,
  NetworkPolicy,
  PodDisruptionBudget,
  PrometheusRule,
  Service,
  ServiceMonitor,
];

export const kustomization: {
  resources: string[];
  images: { name: string }[];
  configMapGenerator: { name: string; envs: string[] }[];
} = parse(read('deploy/kubernetes/kustomization.yaml'));

export const manifests = new Map<string, Manifest>(
  kustomization.resources.map((file) => [file, parse(read(`deploy/kubernetes/${file}`))]),
);

/** A manifest that the kustomization does not include by itself. */
export const ingressFile = 'ingress.example.yaml';
export const ingress: Ingress = parse(read(`deploy/kubernetes/${ingressFile}`));

/** The manifest of a kind; that it has the shape is what the first tests say. */
export function manifestOf<Kind extends (typeof models)[number]>(model: Kind): InstanceType<Kind> {
  const found = [...manifests.values()].filter(({ kind }) => kind === model.kind);
  expect(found).toHaveLength(1);
  return found[0] as InstanceType<Kind>;
}

export const pod = () => manifestOf(Deployment).spec?.template;

export function container() {
  const [only, ...others] = pod()?.spec?.containers ?? [];
  expect(others).toEqual([]);
  if (!only) throw new Error('the pod has a container');
  return only;
}

/** What the container's environment is, as far as the manifests say. */
export function environment(): Record<string, string> {
  const generated = kustomization.configMapGenerator.flatMap(({ envs }) => envs);
  const lines = generated.flatMap((file) => read(`deploy/kubernetes/${file}`).split('\n'));
  const settings = lines.filter((line) => /^\w/.test(line)).map((line) => line.split(/=(.*)/, 2));
  return Object.fromEntries([...settings, ...(container().env ?? []).map(({ name, value }) => [name, value])]);
}

export const { groups }: { groups: { rules: Rule[] }[] } = parse(read('deploy/prometheus/alerts.yaml'));
export const alerts = groups.flatMap(({ rules }) => rules);

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

/** @throws when the manifest is not valid by the schema of its kind. */
export function validate(manifest: Manifest): void {
  const model = models.find(({ apiVersion, kind }) => apiVersion === manifest.apiVersion && kind === manifest.kind);
  if (!model) throw new Error(`no schema of ${manifest.apiVersion} ${manifest.kind}`);
  // The union of the constructors takes no argument of theirs; any object may be looked at.
  new (model as new (data: object) => { validate(): void })(manifest).validate();
}

/** What TypeScript says of the manifests as literals of their kinds' types: nothing, if they have no unknown field. */
export async function unknownFields(all: readonly Manifest[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'manifests-'));
  try {
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const lines = all.map((manifest, index) => {
      const { apiVersion, kind } = manifest;
      const isOperators = apiVersion.startsWith('monitoring.coreos.com/');
      const library = isOperators ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models';
      return `import type { I${kind} } from '${library}/${apiVersion}/${kind}';
export const manifest${index}: I${kind} = ${JSON.stringify(manifest)};`;
    });
    await writeFile(join(folder, 'manifests.ts'), lines.join('\n'));
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', ''];
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    return await promisify(execFile)(process.execPath, [compiler, ...options, join(folder, 'manifests.ts')]).then(
      ({ stdout }) => stdout,
      (error: Error & { stdout?: string }) => error.stdout || String(error),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
