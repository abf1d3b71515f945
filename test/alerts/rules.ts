import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

/* The shipped rules of alerts, made so much faster that a test can wait for them. */

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
}

/** How many seconds of the shipped rules are one here. A range must hold several scrapes, and two of the gateway's probes. */
const timesFaster = 30;

/** The number of seconds after its start in which `GatewayFaults` takes a gateway for new. */
export const newForSeconds = 60;

/** The numbers that a test cannot reach or should not wait for, as they are shipped and as they are here. */
const thresholds: Readonly<Record<string, readonly [shipped: string, here: string]>> = {
  GatewayFaults: ['< 900', `< ${newForSeconds}`],
  GatewaySlow: ['> 2.5', '> 0.5'],
  GatewayItselfSlow: ['> 0.5', '> 0.1'],
  GatewayMemory: ['> 850 * 1024 * 1024', '> 600 * 1024 * 1024'],
  GatewayHeap: ['> 450 * 1024 * 1024', '> 120 * 1024 * 1024'],
  GatewayStreams: ['> 800', '> 3'],
};

const shipped: { groups: { name: string; rules: Rule[] }[] } = parse(
  readFileSync(new URL('../../deploy/prometheus/alerts.yaml', import.meta.url), 'utf8'),
);

export const alertNames: readonly string[] = shipped.groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));

/** The shipped rules as YAML, their times shortened and some of their thresholds lowered. */
export function fastRules(): string {
  return stringify({ groups: shipped.groups.map((group) => ({ ...group, rules: group.rules.map(faster) })) });
}

function faster(rule: Rule): Rule {
  const [whole, here] = thresholds[rule.alert] ?? ['', ''];
  if (whole) assert.equal(rule.expr.split(whole).length, 2, `${rule.alert} has no single ${whole}`);
  const expr = rule.expr.replace(whole, here).replace(/\[(\d+m)\]/g, (_, range: string) => `[${shorter(range)}]`);
  return { ...rule, expr, ...(rule.for === undefined ? {} : { for: shorter(rule.for) }) };
}

function shorter(duration: string): string {
  const [, minutes] = /^(\d+)m$/.exec(duration) ?? [];
  assert.ok(minutes, `${duration} is not in minutes`);
  return `${(Number(minutes) * 60) / timesFaster}s`;
}
