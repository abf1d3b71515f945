import type { z } from 'zod';
import { type Config, ConfigError } from './config.ts';
import { type Environment, textOf } from './environment.ts';
import { limitVariables } from './limit-variables.ts';
import { wordsOf } from './parsers.ts';
import type { LimitValues } from './query-limits.ts';
import { readRegions } from './region-variables.ts';
import { type Setting, settings } from './settings.ts';

/**
 * Reads the configuration from environment variables; an empty one counts as left out.
 * @throws `ConfigError` with all problems at once.
 */
export function readConfig(environment: Environment): Config {
  const read = readSettings(environment, settings);
  const limits = readSettings(environment, limitVariables);
  const { regions, problems: regionProblems } = readRegions(environment);
  const problems = [...read.problems, ...limits.problems, ...dangersIn(environment), ...regionProblems];
  // Each member was read by its variable's parser, unless there are problems.
  const values = read.values as SettingValues;
  if (read.problems.length === 0) problems.push(...contradictionsIn(values, environment));
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    ...values,
    upstreamTimeoutMs: Math.min(values.upstreamTimeoutMs, values.requestTimeoutMs),
    regions,
    // There is a variable for each limit.
    queryLimits: limits.values as LimitValues,
  };
}

/** What the settings say, by member of the configuration. A member of `Config` without a variable does not compile. */
type SettingValues = {
  readonly [Name in keyof typeof settings as (typeof settings)[Name]['member']]: z.output<
    (typeof settings)[Name]['parser']
  >;
};

/** @returns what the variables say, by member, and every problem found, as a line. */
function readSettings(environment: Environment, variables: Readonly<Record<string, Setting>>) {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(variables)) {
    const { data, error } = setting.parser.safeParse(textOf(environment, name, setting));
    if (error) problems.push(...error.issues.map(({ message }) => `${name}: ${message}`));
    else values[setting.member] = data;
  }
  return { values, problems };
}

function dangersIn(environment: Environment): string[] {
  const problems: string[] = [];
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    problems.push('NODE_TLS_REJECT_UNAUTHORIZED: must not be 0: tokens would go to anybody who answers');
  const textOfSetting = (name: keyof typeof settings) => textOf(environment, name, settings[name]);
  if (
    textOfSetting('PERSISTED_DOCUMENTS_ONLY') === 'true' &&
    wordsOf(textOfSetting('PERSISTED_DOCUMENTS')).length === 0
  )
    problems.push('PERSISTED_DOCUMENTS_ONLY: would refuse everything: name the documents in PERSISTED_DOCUMENTS');
  return problems;
}

/** Values that are possible alone, but not together. */
function contradictionsIn(values: SettingValues, environment: Environment): string[] {
  const isSet = (name: keyof typeof settings) => Boolean(environment[name]?.trim());
  const { port, metricsPort, upstreamTimeoutMs, requestTimeoutMs } = values;
  const problems: string[] = [];
  // If one of them is the default, the shorter one is the time of a call.
  if (isSet('UPSTREAM_TIMEOUT_MS') && isSet('REQUEST_TIMEOUT_MS') && upstreamTimeoutMs > requestTimeoutMs)
    problems.push(
      `UPSTREAM_TIMEOUT_MS: ${upstreamTimeoutMs} is more than REQUEST_TIMEOUT_MS: write at most ${requestTimeoutMs}, or a longer REQUEST_TIMEOUT_MS`,
    );
  if (metricsPort === port && port !== 0)
    problems.push(`METRICS_PORT: ${port} is also PORT: write another port, or leave METRICS_PORT empty`);
  return problems;
}
