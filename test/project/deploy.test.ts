import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
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
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../src/config/read-config.ts';
import { variables } from '../../src/config/variables.ts';
import { errorCodes } from '../../src/errors/codes.ts';
import { faultClasses, faultOf } from '../../src/upstream/fault.ts';
import { startStack } from '../support/stack.ts';

/* What is in deploy/ fits together, and fits the gateway. Whether the alerts fire is promtool's to say. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const operations = read('docs/operations.md');

interface Manifest {
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

const kustomization: {
  resources: string[];
  images: { name: string }[];
  configMapGenerator: { name: string; envs: string[] }[];
} = parse(read('deploy/kubernetes/kustomization.yaml'));

const manifests = new Map<string, Manifest>(
  kustomization.resources.map((file) => [file, parse(read(`deploy/kubernetes/${file}`))]),
);

/** A manifest that the kustomization does not include by itself. */
const ingressFile = 'ingress.example.yaml';
const ingress: Ingress = parse(read(`deploy/kubernetes/${ingressFile}`));

/** The manifest of a kind; that it has the shape is what the first tests say. */
function manifestOf<Kind extends (typeof models)[number]>(model: Kind): InstanceType<Kind> {
  const found = [...manifests.values()].filter(({ kind }) => kind === model.kind);
  expect(found).toHaveLength(1);
  return found[0] as InstanceType<Kind>;
}

const pod = () => manifestOf(Deployment).spec?.template;

function container() {
  const [only, ...others] = pod()?.spec?.containers ?? [];
  expect(others).toEqual([]);
  if (!only) throw new Error('the pod has a container');
  return only;
}

/** What the container's environment is, as far as the manifests say. */
function environment(): Record<string, string> {
  const generated = kustomization.configMapGenerator.flatMap(({ envs }) => envs);
  const lines = generated.flatMap((file) => read(`deploy/kubernetes/${file}`).split('\n'));
  const settings = lines.filter((line) => /^\w/.test(line)).map((line) => line.split(/=(.*)/, 2));
  return Object.fromEntries([...settings, ...(container().env ?? []).map(({ name, value }) => [name, value])]);
}

describe('the manifests', () => {
  test('are all in the kustomization, but for the values for the adapter and the example, which is a comment', () => {
    const files = readdirSync(join(root, 'deploy/kubernetes')).filter((file) => file.endsWith('.yaml'));
    expect(files.sort()).toEqual(
      [...kustomization.resources, ingressFile, 'kustomization.yaml', 'prometheus-adapter.yaml'].toSorted(),
    );
    expect(read('deploy/kubernetes/kustomization.yaml')).toContain(`\n  # - ${ingressFile}\n`);
  });

  test.each([...manifests, [ingressFile, ingress] as const])('%s is valid by the schema of its kind', (_, manifest) =>
    validate(manifest),
  );

  test('have no field that its kind does not know, which a schema lets pass', async () => {
    expect(await unknownFields([...manifests.values(), ingress])).toBe('');
  });

  test('select the pods that the deployment makes', () => {
    const labels = pod()?.metadata?.labels ?? {};
    const selectors = [
      manifestOf(Deployment).spec?.selector.matchLabels,
      manifestOf(Service).spec?.selector,
      manifestOf(PodDisruptionBudget).spec?.selector?.matchLabels,
      manifestOf(NetworkPolicy).spec?.podSelector?.matchLabels,
      ...(pod()?.spec?.topologySpreadConstraints ?? []).map(({ labelSelector }) => labelSelector?.matchLabels),
    ];
    expect(selectors).toHaveLength(6);
    for (const selector of selectors) {
      expect(Object.keys(selector ?? {})).not.toEqual([]);
      expect(labels).toMatchObject(selector ?? {});
    }
    const watched = manifestOf(ServiceMonitor).spec.selector.matchLabels ?? {};
    expect(Object.keys(watched)).not.toEqual([]);
    expect(manifestOf(Service).metadata?.labels).toMatchObject(watched);
  });

  test('name each other, the image and the configuration as they are called', () => {
    const { apiVersion, kind, metadata } = manifestOf(Deployment);
    const target = manifestOf(HorizontalPodAutoscaler).spec?.scaleTargetRef;
    expect(target).toEqual({ apiVersion, kind, name: metadata?.name });
    expect(kustomization.images.map(({ name }) => name)).toEqual([container().image]);
    const maps = container().envFrom?.map(({ configMapRef }) => configMapRef?.name);
    expect(maps).toEqual(kustomization.configMapGenerator.map(({ name }) => name));
  });

  test('lead to the ports that the gateway listens on', () => {
    const ports = new Map(container().ports?.map(({ name, containerPort }) => [name, containerPort]));
    const { PORT, METRICS_PORT } = environment();
    expect(ports).toEqual(
      new Map([
        ['http', Number(PORT)],
        ['metrics', Number(METRICS_PORT)],
      ]),
    );
    const { startupProbe, livenessProbe, readinessProbe } = container();
    const probes = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet);
    expect(probes).toEqual(['/health', '/health', '/ready'].map((path) => ({ path, port: 'http' })));
    const service = manifestOf(Service).spec?.ports ?? [];
    expect(service.map(({ name, targetPort }) => [name, targetPort])).toEqual([
      ['http', 'http'],
      ['metrics', 'metrics'],
    ]);
    expect(manifestOf(ServiceMonitor).spec.endpoints).toMatchObject([{ port: 'metrics', path: '/metrics' }]);
    const allowed = manifestOf(NetworkPolicy).spec?.ingress ?? [];
    expect(allowed.flatMap((rule) => rule.ports?.map(({ port }) => port))).toEqual(['http', 'metrics']);
  });

  test('configure the gateway with variables that it has, and that it accepts', () => {
    expect(Object.keys(variables)).toEqual(expect.arrayContaining(Object.keys(environment())));
    expect(() => readConfig(environment())).not.toThrow();
    // Also those that are left for the operator.
    const offered = read('deploy/kubernetes/gateway.env').matchAll(/^# ([A-Z_]+)=(.*)$/gm);
    const examples = Object.fromEntries(Array.from(offered, ([, name = '', value]) => [name, value]));
    expect(Object.keys(examples)).not.toEqual([]);
    expect(Object.keys(variables)).toEqual(expect.arrayContaining(Object.keys(examples)));
    expect(() => readConfig(examples)).not.toThrow();
  });

  test('let a pod end by itself before it is killed', () => {
    const { drainDelayMs, requestTimeoutMs } = readConfig(environment());
    expect(drainDelayMs).toBeGreaterThanOrEqual(5_000);
    const seconds = pod()?.spec?.terminationGracePeriodSeconds ?? 0;
    expect(seconds * 1000).toBeGreaterThan(drainDelayMs + requestTimeoutMs + 1_000);
  });

  test('scale at half of MAX_IN_FLIGHT and half of MAX_STREAMS', () => {
    const { maxInFlight, maxStreams } = readConfig(environment());
    const pods = manifestOf(HorizontalPodAutoscaler).spec?.metrics?.flatMap(({ pods }) => pods ?? []);
    expect(pods?.map(({ metric, target }) => [metric.name, Number(target.averageValue)])).toEqual([
      ['gateway_requests_in_flight', maxInFlight / 2],
      ['gateway_streams', maxStreams / 2],
    ]);
  });

  test('publish the path of GraphQL alone, with a slash at its end or without, over TLS', () => {
    const { graphqlPath } = readConfig(environment());
    const backend = { service: { name: manifestOf(Service).metadata?.name, port: { name: 'http' } } };
    const [rule, ...others] = ingress.spec?.rules ?? [];
    expect(others).toEqual([]);
    expect(rule?.http?.paths).toEqual(
      [graphqlPath, `${graphqlPath}/`].map((path) => ({ path, pathType: 'Exact', backend })),
    );
    expect(ingress.spec?.tls?.flatMap(({ hosts }) => hosts)).toEqual([rule?.host]);
  });

  test('limit what one client address may do, and wait for answers longer than the gateway works on them', () => {
    const annotations = ingress.metadata?.annotations ?? {};
    const named = Object.entries(annotations).map(
      ([name, value]) => [name.replace('nginx.ingress.kubernetes.io/', ''), value] as const,
    );
    const options = new Map(named);
    expect(named.filter(([name]) => name.includes('/'))).toEqual([]);
    const { maxStreams, requestTimeoutMs } = readConfig(environment());
    expect(Number(options.get('limit-connections'))).toBeLessThan(maxStreams);
    expect(Number(options.get('limit-rps'))).toBeGreaterThan(0);
    expect(options.get('proxy-body-size')).toBe('1m');
    expect(Number(options.get('proxy-read-timeout')) * 1000).toBeGreaterThan(requestTimeoutMs);
  });
});

test('nginx keeps an idle connection shorter than the gateway does, and waits longer than it works on an answer', () => {
  const secondsOf = (option: string) =>
    Number(new RegExp(`^ +${option} (\\d+)s;$`, 'm').exec(read('deploy/nginx.conf'))?.[1]);
  const { keepAliveTimeoutMs, requestTimeoutMs } = readConfig({});
  expect(secondsOf('keepalive_timeout') * 1000).toBeLessThan(keepAliveTimeoutMs);
  expect(secondsOf('proxy_read_timeout') * 1000).toBeGreaterThan(requestTimeoutMs);
});

test('the unit for systemd in docs/operations.md starts Node as npm does', () => {
  const { scripts } = JSON.parse(read('package.json'));
  expect(operations).toContain(`\nExecStart=/usr/bin/${scripts.start}\n`);
});

describe('the image with an SDK of OpenTelemetry', () => {
  const packages: { dependencies: Record<string, string> } = JSON.parse(read('deploy/otel/package.json'));
  const component: { resources: string[]; patches: { target: { kind: string; name: string }; patch: string }[] } =
    parse(read('deploy/otel/kustomization.yaml'));
  const policy: InstanceType<typeof NetworkPolicy> = parse(read('deploy/otel/network-policy.yaml'));

  test('has the API and the SDK that the gateway is tested with, and every package that it loads', () => {
    const gateway = JSON.parse(read('package.json'));
    expect(packages.dependencies).toMatchObject({
      '@opentelemetry/api': gateway.dependencies['@opentelemetry/api'],
      '@opentelemetry/sdk-trace-base': gateway.devDependencies['@opentelemetry/sdk-trace-base'],
    });
    const loaded = Array.from(read('deploy/otel/register.mjs').matchAll(/ from '([^']+)'/g), ([, name]) => name);
    expect(new Set(loaded)).toEqual(new Set(Object.keys(packages.dependencies)));
    const locked = JSON.parse(read('deploy/otel/package-lock.json')).packages[''].dependencies;
    expect(locked).toEqual(packages.dependencies);
  });

  test('copies into the image what NODE_OPTIONS loads, and checks its health without it', () => {
    const dockerfile = read('deploy/otel/Dockerfile');
    expect(dockerfile).toMatch(/^COPY package\.json register\.mjs \/otel\/$/m);
    expect(dockerfile).toMatch(/^ENV NODE_OPTIONS="--import \/otel\/register\.mjs"$/m);
    const checkOf = (text: string) => /^HEALTHCHECK [\s\S]*?"-e", (".*")\]$/m.exec(text)?.[1];
    expect(checkOf(dockerfile)).toBe(checkOf(read('Dockerfile')));
    expect(dockerfile).toContain('CMD ["env", "-u", "NODE_OPTIONS", "node", "-e", ');
  });

  test('may send to the collector’s port, from the pods that the deployment makes', async () => {
    validate(policy);
    expect(await unknownFields([policy])).toBe('');
    expect(component.resources).toEqual(['network-policy.yaml']);
    expect(pod()?.metadata?.labels).toMatchObject(policy.spec?.podSelector?.matchLabels ?? { none: '' });
    const [patch] = component.patches;
    const { kind, metadata } = manifestOf(Deployment);
    expect(patch?.target).toEqual({ kind, name: metadata?.name });
    const added: { value: { name: string; value: string } }[] = parse(patch?.patch ?? '');
    const endpoint = added.find(({ value }) => value.name === 'OTEL_EXPORTER_OTLP_ENDPOINT')?.value.value ?? '';
    const { hostname, port } = new URL(endpoint);
    const [rule, ...others] = policy.spec?.egress ?? [];
    expect(others).toEqual([]);
    expect(rule?.ports).toEqual([{ port: Number(port), protocol: 'TCP' }]);
    const namespaces = rule?.to?.map(({ namespaceSelector }) => namespaceSelector?.matchLabels);
    expect(namespaces).toEqual([{ 'kubernetes.io/metadata.name': hostname.split('.')[1] }]);
  });
});

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

const { groups }: { groups: { rules: Rule[] }[] } = parse(read('deploy/prometheus/alerts.yaml'));
const alerts = groups.flatMap(({ rules }) => rules);

describe('the alerts', () => {
  test('are all seen to fire and not to fire', () => {
    const { tests }: { tests: { alert_rule_test: { alertname: string; exp_alerts: object[] }[] }[] } = parse(
      read('deploy/prometheus/alerts.test.yaml'),
    );
    const seen = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    const names = (fires: boolean) =>
      new Set(seen.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname));
    expect(names(true)).toEqual(new Set(alerts.map(({ alert }) => alert)));
    expect(names(false)).toEqual(names(true));
  });

  test('are all explained, and no others are', () => {
    const explained = Array.from(operations.matchAll(/^\| `(Gateway\w+)` \|/gm), ([, name]) => name);
    expect(explained).toEqual(alerts.map(({ alert }) => alert));
  });

  test('watch the job that Prometheus makes of the service', () => {
    const jobs = new Set(alerts.flatMap(({ expr }) => Array.from(expr.matchAll(/job="([^"]*)"/g), ([, job]) => job)));
    expect([...jobs]).toEqual([manifestOf(Service).metadata?.name]);
  });

  test('and the dashboard name every class of faults', () => {
    const texts = [...alerts.map(({ expr }) => expr), read('deploy/grafana/dashboard.json')];
    const lists = texts.flatMap((text) =>
      Array.from(text.matchAll(/class=~\\?"([^"\\]+)/g), ([, list = '']) => list.split('|')),
    );
    expect(lists.length).toBeGreaterThan(0);
    for (const list of lists) expect(new Set(list)).toEqual(new Set(faultClasses));
  });

  test('know the limits: of memory, of the heap, of event streams', () => {
    const limitOf = (name: string) => {
      const expr = alerts.find(({ alert }) => alert === name)?.expr ?? '';
      return (expr.split('>')[1] ?? '').split('*').reduce((product, factor) => product * Number(factor), 1);
    };
    const memory = container().resources?.limits?.memory;
    expect(memory).toBe('1Gi');
    for (const [limit, most] of [
      [limitOf('GatewayMemory'), 1024 ** 3],
      [limitOf('GatewayHeap'), 1024 ** 3 / 2],
      [limitOf('GatewayStreams'), readConfig(environment()).maxStreams],
    ] as const) {
      expect(limit).toBeGreaterThan(most / 2);
      expect(limit).toBeLessThan(most);
    }
  });

  test('are a valid PrometheusRule when wrapped as docs/operations.md says', async () => {
    const [, wrap = ''] = /^(\{\n[\s\S]*?\n\}) \| kubectl apply -f -$/m.exec(operations) ?? [];
    const { stdout } = await promisify(execFile)('sh', ['-c', wrap], { cwd: root });
    const rule: Manifest & { spec: object } = parse(stdout);
    validate(rule);
    expect(await unknownFields([rule])).toBe('');
    expect(rule.spec).toEqual({ groups });
  });
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

const dashboard: {
  panels: Panel[];
  templating: { list: { name: string; query: string | { query: string }; datasource?: { uid: string } }[] };
} = JSON.parse(read('deploy/grafana/dashboard.json'));
const targetsOf = ({ targets = [] }: Panel) => targets;
const expressions = dashboard.panels.flatMap(targetsOf).map(({ expr }) => expr);

describe('the dashboard', () => {
  test('asks the Prometheus that is chosen, with variables that it has', () => {
    const askers = [...dashboard.templating.list, ...dashboard.panels, ...dashboard.panels.flatMap(targetsOf)];
    const sources = askers.flatMap(({ datasource }) => datasource?.uid ?? []);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana's
    expect(new Set(sources)).toEqual(new Set(['${datasource}']));
    const used = expressions.flatMap((expr) => Array.from(expr.matchAll(/\$(\w+)/g), ([, name]) => name));
    const known = [...dashboard.templating.list.map(({ name }) => name), '__rate_interval'];
    expect(known).toEqual(expect.arrayContaining([...new Set(used)]));
  });

  test('has each panel once, in a place of its own', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { title, gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
  });
});

describe('what is asked of Prometheus', () => {
  /** Labels by name of sample. */
  const samples = new Map<string, Set<string>>();
  /** Labels that Prometheus adds. */
  const added = ['job', 'instance', 'namespace', 'pod'];

  beforeAll(async () => {
    await using stack = await startStack();
    await stack.data('{ volumes { nodes { name } } }');
    await stack.query('{ nothing }');
    const { text } = await stack.fetch('/metrics');
    for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? /gm)) {
      const known = samples.get(name) ?? new Set(added);
      for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
      samples.set(name, known);
    }
  });

  const adapter: { rules: { custom: { seriesQuery: string }[] } } = parse(
    read('deploy/kubernetes/prometheus-adapter.yaml'),
  );
  const asked = {
    alerts: alerts.map(({ expr }) => expr),
    dashboard: [
      ...expressions,
      ...dashboard.templating.list.map(({ query }) => (typeof query === 'string' ? query : query.query)),
    ],
    'autoscaler and adapter': [
      ...adapter.rules.custom.map(({ seriesQuery }) => seriesQuery),
      ...(manifestOf(HorizontalPodAutoscaler).spec?.metrics ?? []).flatMap(({ pods }) => pods?.metric.name ?? []),
    ],
  };

  test.each(Object.entries(asked))('by the %s is what a gateway tells, by its labels', (_, queries) => {
    const mentioned = queries.flatMap((query) =>
      Array.from(
        query.matchAll(/\b((?:gateway|nodejs|process)_\w+)(?:\{([^}]*)\})?/g),
        ([, name = '', matchers = '']) => ({
          name,
          labels: Array.from(matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g), ([, label = '']) => label),
        }),
      ),
    );
    expect(mentioned.length).toBeGreaterThan(1);
    for (const { name, labels } of mentioned) {
      expect([...samples.keys()]).toContain(name);
      expect([...(samples.get(name) ?? [])], name).toEqual(expect.arrayContaining(labels));
    }
    for (const query of queries) {
      const names = Array.from(query.matchAll(/\bgateway_\w+/g), ([name]) => name);
      const known = new Set(names.flatMap((name) => [...(samples.get(name) ?? [])]));
      for (const [, by = ''] of query.matchAll(/\bby \(([^)]*)\)/g))
        expect([...known], query).toEqual(expect.arrayContaining(by.split(/,\s*/)));
    }
  });

  test('is every metric of the gateway, on the dashboard', () => {
    const shown = expressions.flatMap((expr) =>
      Array.from(expr.matchAll(/\bgateway_\w+/g), ([name]) => metricOf(name)),
    );
    const exposed = [...samples.keys()].filter((name) => name.startsWith('gateway_')).map(metricOf);
    expect(new Set(shown)).toEqual(new Set(exposed));
  });

  test('by the autoscaler is what the adapter offers', () => {
    const metrics = asked['autoscaler and adapter'].filter((query) => /^\w+$/.test(query));
    expect(adapter.rules.custom.map(({ seriesQuery }) => seriesQuery.split('{')[0])).toEqual(metrics);
  });

  test('or told by docs/operations.md, variables too, is there', () => {
    const metrics = Array.from(operations.matchAll(/\bgateway_\w+/g), ([name]) => name);
    // A histogram is called by the name that its samples begin with.
    for (const name of metrics)
      expect(
        [...samples.keys()].some((sample) => sample.startsWith(name)),
        name,
      ).toBe(true);
    const names = Array.from(operations.matchAll(/(?:`|-e )([A-Z]+(?:_[A-Z]+)+)\b/g), ([, name]) => name);
    expect(names.length).toBeGreaterThan(8);
    const known = [...Object.keys(variables), ...Object.keys(errorCodes), ...causesIn(operations).keys()];
    expect(known).toEqual(expect.arrayContaining(names));
  });

  test('or given by docs/operations.md as the class of a cause is the class that the gateway gives it', () => {
    const causes = [...causesIn(operations)].filter(([, faultClass]) => !['5xx', 'unreadable'].includes(faultClass));
    expect(causes.length).toBeGreaterThan(12);
    for (const [code, faultClass] of causes)
      expect(faultOf(Object.assign(new Error(), { code })).class, code).toBe(faultClass);
  });
});

/** The name of a metric, without what a histogram adds to it in its samples. */
function metricOf(sample: string): string {
  return sample.replace(/_(bucket|sum|count)$/, '');
}

/** @throws when the manifest is not valid by the schema of its kind. */
function validate(manifest: Manifest): void {
  const model = models.find(({ apiVersion, kind }) => apiVersion === manifest.apiVersion && kind === manifest.kind);
  if (!model) throw new Error(`no schema of ${manifest.apiVersion} ${manifest.kind}`);
  // The union of the constructors takes no argument of theirs; any object may be looked at.
  new (model as new (data: object) => { validate(): void })(manifest).validate();
}

/** What TypeScript says of the manifests as literals of their kinds' types: nothing, if they have no unknown field. */
async function unknownFields(all: readonly Manifest[]): Promise<string> {
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

/** The causes of failing regions, from the first column of their table, with their classes from the second. */
function causesIn(page: string): Map<string, string> {
  const rows = page.matchAll(/^\| (`[^|]*`[^|]*) \| `(\w+)` \| [^|]+ \| [^|]+ \|$/gm);
  return new Map(
    Array.from(rows).flatMap(([, codes = '', faultClass = '']) =>
      Array.from(codes.matchAll(/`([A-Z]\w+)`/g), ([, code = '']) => [code, faultClass] as const),
    ),
  );
}
