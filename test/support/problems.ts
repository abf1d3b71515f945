import { expect } from 'vitest';
import { ConfigError } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';

/** What is wrong with a configuration: one problem per line of its error, each indented below the first line. */
export function problemsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const [, ...lines] = String(error).split('\n');
    for (const line of lines) expect(line).toMatch(/^ {2}\S/);
    return lines.map((line) => line.trim());
  }
}
