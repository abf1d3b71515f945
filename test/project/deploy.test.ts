import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Service } from 'kubernetes-models/v1/Service';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../src/config/read-config.ts';
import { variables } from '../../src/config/variables.ts';
import {
  container,
  environment,
  ingress,
  ingressFile,
  kustomization,
  manifestOf,
  manifests,
  operations,
  pod,
  read,
  root,
  unknownFields,
  validate,
} from './deploy.ts';

/* The manifests in deploy/ fit together, and fit the gateway. */

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
