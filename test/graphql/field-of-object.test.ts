import { readFileSync } from 'node:fs';
import { type GraphQLField, type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { Snapshot } from '../../src/block-storage/snapshot.ts';
import { Volume } from '../../src/block-storage/volume.ts';
import { VolumeType } from '../../src/block-storage/volume-type.ts';
import { schema } from '../../src/schema/index.ts';
import { regionAt } from '../support/region.ts';

/*
 * What is written of an object is kept with the object where the resolver takes one parameter. Such a resolver must not look
 * at the arguments, the context or the place in the answer.
 */

/** Throws if anything is done with it. */
const untouchable = new Proxy(() => {}, {
  get: touched,
  has: touched,
  apply: touched,
  ownKeys: touched,
  getOwnPropertyDescriptor: touched,
});

function touched(): never {
  throw new Error('a resolver of one parameter has looked at another one');
}

const source = { region: regionAt(), warn: () => {} };
const rows = [
  ['Volume', Volume, 'list-volumes-detail'],
  ['Snapshot', Snapshot, 'list-snapshots-detail'],
  ['VolumeType', VolumeType, 'list-types'],
] as const;

test.each(rows)('resolvers of %s that take one parameter look at nothing else', (name, Row, fixture) => {
  const text = readFileSync(new URL(`../fixtures/${fixture}.json`, import.meta.url), 'utf8');
  const [[wire]] = Object.values(JSON.parse(text)) as [[{ readonly id: string }]];
  const attached = { ...wire, attachments: [{ attachment_id: wire.id, server_id: wire.id, device: '/dev/vdb' }] };
  const found = resolveAll(schema.getType(name) as GraphQLObjectType, new Row(attached, wire.id, source));
  expect(found).toContain(`${name}.id`);
  if (name === 'Volume') expect(found).toEqual(expect.arrayContaining(['Attachment.id', 'Server.uuid', 'Region.id']));
});

/** Resolves all fields that depend on their object alone, and those of the objects below. Gives the fields with a resolver. */
function resolveAll(type: GraphQLObjectType, object: unknown, seen = new Set<unknown>()): string[] {
  if (seen.has(type)) return [];
  seen.add(type);
  return Object.values(type.getFields()).flatMap((field) => {
    if (field.resolve && field.resolve.length !== 1) return [];
    const value = resolve(field, object);
    const below = getNamedType(field.type);
    const [first] = Array.isArray(value) ? value : [value];
    const found = isObjectType(below) && first != null ? resolveAll(below, first, seen) : [];
    return field.resolve ? [`${type.name}.${field.name}`, ...found] : found;
  });
}

function resolve({ name, resolve }: GraphQLField<unknown, unknown>, object: unknown): unknown {
  if (!resolve) return (object as Record<string, unknown>)[name];
  // The types of the other parameters do not matter.
  return (resolve as (...given: unknown[]) => unknown)(object, untouchable, untouchable, untouchable);
}
