import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alice } from '../support/stack.ts';
import { asGraphQL, cells, codes, expectCapped, extensionsOf, title, volumesEach } from './fault.ts';
import { ask, globalId, openGateway, simulator, startRegions, stopRegions, volumesOf } from './fault-regions.ts';

/* What is left of lookups by id when a region fails, for each way of failing. */

beforeAll(startRegions);
afterAll(stopRegions);

describe('objects by their ids', () => {
  const query = 'query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }';

  test.each(cells)(title, async ({ trouble, scope: { failing } }) => {
    await using gateway = await openGateway(trouble);
    const asked = codes.flatMap((region) => {
      const [volume] = volumesOf(region);
      const [snapshot] = simulator.store(region).snapshots(alice.tenant);
      return [
        { region, __typename: 'Volume', id: globalId('Volume', region, volume?.id ?? '') },
        { region, __typename: 'Snapshot', id: globalId('Snapshot', region, snapshot?.id ?? '') },
      ];
    });
    const ids = asked.map(({ id }) => id);
    const { data, errors = [] } = await ask(gateway, [trouble, failing], query, { ids });
    expect(data.nodes).toEqual(
      asked.map(({ region, id, __typename }) => (failing.includes(region) ? null : { id, __typename })),
    );
    const missed = trouble.saysGone ? [] : asked.filter(({ region }) => failing.includes(region));
    // Errors stand in the order in which they came about.
    expect(errors.map(({ path, extensions }) => ({ path, extensions })).toSorted(byPlace)).toEqual(
      missed.map(({ id, region }) => ({ path: ['nodes', ids.indexOf(id)], extensions: extensionsOf(trouble, region) })),
    );

    const [alone] = failing;
    const one = await ask(gateway, [trouble, failing], 'query($id: ID!) { node(id: $id) { id } }', {
      id: asked.find(({ region }) => region === alone)?.id,
    });
    expect(one.data).toEqual({ node: null });
    expect(one.errors?.map(({ extensions }) => extensions)).toEqual(
      trouble.saysGone || !alone ? undefined : [extensionsOf(trouble, alone)],
    );
  });
});

interface Placed {
  readonly path?: readonly (string | number)[] | undefined;
}

function byPlace({ path: a }: Placed, { path: b }: Placed): number {
  return Number(a?.at(-1)) - Number(b?.at(-1));
}

describe('so many objects by their ids that a list is read', () => {
  const query = 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }';

  test.each(cells)(title, async ({ trouble, scope: { failing } }) => {
    await using gateway = await openGateway(trouble);
    const asked = codes.flatMap((region) =>
      volumesOf(region).map(({ id }) => ({ region, id: globalId('Volume', region, id) })),
    );
    const { data, errors } = await ask(gateway, [trouble, failing], query, { ids: asked.map(({ id }) => id) });
    expect(data.nodes).toEqual(asked.map(({ region, id }) => (failing.includes(region) ? null : { id })));
    for (const region of failing) {
      const own = errors?.filter(({ extensions }) => extensions?.region === asGraphQL(region));
      expectCapped(own, volumesEach, trouble, region);
    }
    expect(errors).toHaveLength(failing.length * 11);
  });
});
