import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../src/block-storage/client.ts';
import { fieldsOf, Row, type RowClass } from '../../src/block-storage/row.ts';
import { membersOf, recordReads } from '../../src/block-storage/scan/members.ts';
import { Snapshot } from '../../src/block-storage/snapshot.ts';
import { Volume } from '../../src/block-storage/volume.ts';
import { VolumeType } from '../../src/block-storage/volume-type.ts';
import type { Caller } from '../../src/upstream/send.ts';
import { regionAt } from '../support/region.ts';

/* The getters of a row read the same wire members whatever these hold. */

const folder = new URL('../../src/block-storage/', import.meta.url);
const modules: object[] = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => import(new URL(file, folder).href)),
);
// What extends `Row` and is exported is a class of rows.
const classes = modules
  .flatMap((module) => Object.values(module))
  .filter((value): value is RowClass<Row> => typeof value === 'function' && value.prototype instanceof Row);

const fixtures = ['list-volumes-detail', 'list-snapshots-detail', 'list-types', 'upload'].map((name): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')),
);
/** All members of rows of the guide's examples. */
const example = Object.assign({}, ...fixtures.map(rowIn), { is_public: true, attachments: [{ attachment_id: 'x' }] });

function rowIn(answer: unknown): object {
  const [value] = Object.values(answer as object);
  return Array.isArray(value) ? value[0] : value.volume_type;
}

test('a volume has these members', () => {
  expect(membersOf(Volume)).toEqual(expect.arrayContaining(['name', 'os-vol-tenant-attr:tenant_id', 'attachments']));
});

test('all classes of rows are found', () => {
  expect(classes).toEqual(expect.arrayContaining([Volume, Snapshot, VolumeType]));
});

describe.each(classes.map((type) => ({ type, name: type.prototype.constructor.name })))('$name', ({ type }) => {
  const client = createClient(
    () => Promise.reject(new Error('not sent')),
    // No getter asks for the caller.
    {} as Caller,
    regionAt(),
  );
  function expectAllRead(wire: Readonly<Record<string, unknown>>): void {
    const read = new Set<string>();
    const row = new type(recordReads(wire, read), '17975e9d-1533-40db-bd02-2072cd2ccb7f', client);
    for (const field of fieldsOf(type)) void row[field];
    expect([...read].sort()).toEqual(membersOf(type).sort());
  }

  test('a full row is read like an empty one', () => {
    expectAllRead(example);
    expectAllRead({});
  });

  test('a row of any values is read like an empty one', () => {
    const values = fc.record(Object.fromEntries(membersOf(type).map((member) => [member, fc.jsonValue()])));
    fc.assert(fc.property(values, expectAllRead));
  });
});
