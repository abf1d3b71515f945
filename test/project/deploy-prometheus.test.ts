import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Service } from 'kubernetes-models/v1/Service';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../src/config/read-config.ts';
import { variables } from '../../src/config/variables.ts';
import { errorCodes } from '../../src/errors/codes.ts';
import { faultClasses, faultOf } from '../../src/upstream/fault.ts';
import { startStack } from '../support/stack.ts';
import {
  alerts,
  container,
  environment,
  groups,
  type Manifest,
  manifestOf,
  operations,
  read,
  root,
  unknownFields,
  validate,
} from './deploy.ts';

/* The alerts, the dashboard and the autoscaler ask for what a gateway tells. Whether the alerts fire is promtool's to say. */

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

  test('and the dashboard name every class of faults', () => {
    const texts = [...alerts.map(({ expr }) => expr), read('deploy/grafana/dashboard.json')];
    const lists = texts.flatMap((text) =>
      Array.from(text.matchAll(/class=~\\?"([^"\\]+)/g), ([, list = '']) => list.split('|')),
    );
    expect(lists.length).toBeGreaterThan(0);
    for (const list of lists) expect(new Set(list)).toEqual(new Set(faultClasses));
  });

  test('watch the job that Prometheus makes of the service', () => {
    const jobs = new Set(alerts.flatMap(({ expr }) => Array.from(expr.matchAll(/job="([^"]*)"/g), ([, job]) => job)));
    expect([...jobs]).toEqual([manifestOf(Service).metadata?.name]);
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

/** The causes of failing regions, from the first column of their table, with their classes from the second. */
function causesIn(page: string): Map<string, string> {
  const rows = page.matchAll(/^\| (`[^|]*`[^|]*) \| `(\w+)` \| [^|]+ \| [^|]+ \|$/gm);
  return new Map(
    Array.from(rows).flatMap(([, codes = '', faultClass = '']) =>
      Array.from(codes.matchAll(/`([A-Z]\w+)`/g), ([, code = '']) => [code, faultClass] as const),
    ),
  );
}
