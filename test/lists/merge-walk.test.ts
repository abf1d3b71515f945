import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../support/stack.ts';
import {
  anyOrder,
  codes,
  directions,
  fill,
  filters,
  isWanted,
  ownOrder,
  pageSize,
  rowsOfRegions,
  startRegions,
  uuidsIn,
  walk,
} from './merge.ts';

/*
 * Walks over a list merged of three regions. Each row that is there throughout must be met exactly once, whatever the
 * page size, ties, null names and filters, in an order that no region contradicts; also while rows are deleted, and
 * while regions fail and come back.
 */

let stack: Stack;

beforeAll(async () => {
  stack = await startRegions();
});

afterAll(() => stack[Symbol.asyncDispose]());

test('a walk meets every matching row exactly once, in an order that no region contradicts', async () => {
  await fc.assert(
    fc.asyncProperty(
      rowsOfRegions,
      anyOrder,
      pageSize,
      fc.option(filters, { nil: undefined }),
      async (rows, orderBy, first, filter) => {
        fill(stack, rows);
        const seen = await walk(stack, { first, orderBy, ...(filter ? { filter } : {}) });
        const wanted = rows.filter(([, row]) => !filter || isWanted(row, filter));
        expect(seen.map(({ uuid }) => uuid).toSorted()).toEqual(wanted.map(([, { id }]) => id).toSorted());
        for (const code of codes) {
          const own = (await ownOrder(stack, code, orderBy)).filter((id) => wanted.some(([, row]) => row.id === id));
          expect(uuidsIn(seen, code)).toEqual(own);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('rows of different regions stand in order: times as text, sizes as numbers, ties by the table of regions', async () => {
  const orderBys = fc.constantFrom('CREATED_AT', 'SIZE');
  await fc.assert(
    fc.asyncProperty(rowsOfRegions, orderBys, directions, pageSize, async (rows, field, direction, first) => {
      fill(stack, rows);
      const seen = await walk(stack, { first, orderBy: [{ field, direction }] });
      const of = new Map(rows.map(([code, row]) => [row.id, { row, region: codes.indexOf(code) }]));
      const key = (uuid: string) => of.get(uuid)?.row[field === 'SIZE' ? 'size' : 'created_at'] ?? '';
      for (const [index, { uuid }] of seen.slice(1).entries()) {
        const [a, b] = [key(seen[index]?.uuid ?? ''), key(uuid)];
        if (direction === 'ASC') expect(a <= b).toBe(true);
        else expect(a >= b).toBe(true);
        if (a === b) expect(of.get(seen[index]?.uuid ?? '')?.region).toBeLessThanOrEqual(of.get(uuid)?.region ?? -1);
      }
    }),
    { numRuns: 150 },
  );
});

test('rows deleted between pages cost no other row, and none comes twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      rowsOfRegions,
      anyOrder,
      fc.integer({ min: 1, max: 15 }),
      fc.infiniteStream(fc.nat()),
      async (rows, orderBy, first, random) => {
        fill(stack, rows);
        const deleted = new Set<string>();
        const remove = (uuid: string | undefined) => {
          const row = rows.find(([, { id }]) => id === uuid);
          if (!row || deleted.has(row[1].id)) return;
          deleted.add(row[1].id);
          stack.simulator.store(row[0]).remove(row[1].id);
        };
        const seen = await walk(stack, {
          first,
          orderBy,
          between: ({ nodes }) => {
            // The rows that the cursor stands at, and any other.
            for (const code of codes) remove(uuidsIn(nodes, code).at(-1));
            if (rows.length > 0) remove(rows[random.next().value % rows.length]?.[1].id);
          },
        });
        const uuids = seen.map(({ uuid }) => uuid);
        expect(new Set(uuids).size).toBe(uuids.length);
        const lasting = rows.map(([, { id }]) => id).filter((id) => !deleted.has(id));
        expect(uuids.filter((id) => !deleted.has(id)).toSorted()).toEqual(lasting.toSorted());
      },
    ),
    { numRuns: 200 },
  );
});

test('when all that the cursor remembers is deleted, the walk goes on behind its keys', async () => {
  await fc.assert(
    fc.asyncProperty(
      rowsOfRegions,
      fc.constantFrom('CREATED_AT', 'SIZE'),
      directions,
      fc.integer({ min: 10, max: 30 }),
      async (rows, field, direction, first) => {
        fill(stack, rows);
        const deleted = new Set<string>();
        const seen = await walk(stack, {
          first,
          orderBy: [{ field, direction }],
          between: ({ nodes }) => {
            for (const { uuid, region } of nodes) {
              deleted.add(uuid);
              stack.simulator.store(region.code.toLowerCase()).remove(uuid);
            }
          },
        });
        expect(seen.map(({ uuid }) => uuid).toSorted()).toEqual(rows.map(([, { id }]) => id).toSorted());
      },
    ),
    { numRuns: 150 },
  );
});

test('rows whose sort keys change between pages cost no other row', async () => {
  await fc.assert(
    fc.asyncProperty(
      rowsOfRegions,
      fc.constantFrom('STATUS', 'NAME', 'SIZE'),
      directions,
      fc.integer({ min: 1, max: 9 }),
      fc.infiniteStream(fc.constantFrom('available', 'error', 'in-use', 'creating')),
      async (rows, field, direction, first, words) => {
        fill(stack, rows);
        const changed = new Set<string>();
        const seen = await walk(stack, {
          first,
          orderBy: [{ field, direction }],
          between: ({ nodes }) => {
            // The rows that the cursor stands at, in each region.
            for (const code of codes) {
              const uuid = uuidsIn(nodes, code).at(-1);
              const row = uuid === undefined ? undefined : stack.simulator.store(code).volume(uuid);
              if (!row) continue;
              changed.add(row.id);
              const word = words.next().value;
              Object.assign(row, { status: word, name: word, size: word.length });
            }
          },
        });
        const uuids = seen.map(({ uuid }) => uuid).filter((uuid) => !changed.has(uuid));
        const lasting = rows.map(([, { id }]) => id).filter((id) => !changed.has(id));
        expect(uuids.toSorted()).toEqual(lasting.toSorted());
      },
    ),
    { numRuns: 200 },
  );
});

test('regions that fail and come back cost no row: a walk ends complete, or with an error', async () => {
  const failing = fc.infiniteStream(fc.subarray(codes));
  await fc.assert(
    fc.asyncProperty(
      rowsOfRegions,
      anyOrder,
      fc.integer({ min: 1, max: 20 }),
      fc.option(filters, { nil: undefined }),
      failing,
      async (rows, orderBy, first, filter, down) => {
        fill(stack, rows);
        let mend: (() => void)[] = [];
        const seen = await walk(stack, {
          first,
          orderBy,
          ...(filter ? { filter } : {}),
          before: () => {
            for (const remove of mend) remove();
            mend = down
              .next()
              .value.map((region: string) => stack.simulator.inject({ kind: 'status', status: 500, region }));
          },
          failed: ({ errors }) => expect(errors?.[0]?.extensions?.code).toBe('UPSTREAM_ERROR'),
          between: ({ nodes, failures }) => {
            // What failed contributed nothing.
            for (const { region } of failures) expect(uuidsIn(nodes, region.code.toLowerCase())).toEqual([]);
          },
        });
        for (const remove of mend) remove();
        const wanted = rows.filter(([, row]) => !filter || isWanted(row, filter));
        expect(seen.map(({ uuid }) => uuid).toSorted()).toEqual(wanted.map(([, { id }]) => id).toSorted());
      },
    ),
    { numRuns: 200 },
  );
});
