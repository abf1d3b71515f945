import { readFileSync } from 'node:fs';
import { BreakingChangeType, buildSchema, findSchemaChanges } from 'graphql';
import { expect, test } from 'vitest';

/* What clients were told with the last release still holds: schema/released.graphql is written anew by a release alone. */

const read = (name: string) => readFileSync(new URL(`../../schema/${name}.graphql`, import.meta.url), 'utf8');
const breaking: ReadonlySet<string> = new Set(Object.values(BreakingChangeType));

function broken(released: string, present: string): string[] {
  return findSchemaChanges(buildSchema(released), buildSchema(present))
    .filter(({ type }) => breaking.has(type))
    .map(({ description }) => description);
}

test('no client of the last release is broken by the schema of today', () => {
  expect(broken(read('released'), read('schema'))).toEqual([]);
});

test('a field that is gone, or may be null now, would be told', () => {
  const released = read('released');
  expect(broken(released, released.replace(/^ {2}statusText: String$/m, '  statusWord: String'))).toHaveLength(1);
  expect(broken(released, released.replace('uuid: UUID!', 'uuid: UUID'))).toHaveLength(1);
});
