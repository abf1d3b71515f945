import { setTimeout as delay } from 'node:timers/promises';
import type { Client, Identity } from '../client.ts';
import type { SeededVolume, User } from './user.ts';

/* What is read, and what must be in the answers when nothing has failed. */

const failures = 'failures { region { code } code message }';

/** The first page of all regions together. */
export async function readMerged({ ask, random, identity, seeded }: User): Promise<void> {
  const query = `query Merged($first: Int) {
    volumes(first: $first) { totalCount nodes { uuid name status size tenantId createdAt region { code } } ${failures} }
  }`;
  const first = Math.ceil(random.between(1, 200));
  const { data, isWhole, demand } = await ask(query, { first });
  for (const { tenantId } of data?.volumes?.nodes ?? [])
    demand(tenantId === identity.tenant, 'a row of another tenant is listed');
  if (!isWhole) return;
  const { nodes, totalCount } = data.volumes;
  demand(nodes.length === first, `${nodes.length} rows of ${first} are listed`);
  demand(totalCount >= seeded.length, `totalCount is ${totalCount}; at least ${seeded.length} are there`);
}

/** Objects within objects, of one region or of all. */
export async function readNested({ ask, random }: User): Promise<void> {
  const query = `query Nested($first: Int, $regions: [RegionCode!]) {
    volumes(first: $first, regions: $regions) {
      nodes {
        uuid volumeType { name } snapshots(first: 5) { nodes { uuid volume { uuid } } ${failures} }
        sourceVolume { name } attachments { uuid device }
      }
      ${failures}
    }
    snapshots(first: 20, regions: $regions) { nodes { uuid volume { uuid volumeType { name } } } ${failures} }
  }`;
  const regions = random() < 0.5 ? null : [random.pick(['KR1', 'KR2', 'JP1'])];
  const { data, isWhole, demand } = await ask(query, { first: Math.ceil(random.between(1, 40)), regions });
  if (!isWhole) return;
  for (const { uuid, volumeType, snapshots } of data.volumes.nodes) {
    demand(volumeType !== null, `volume ${uuid} has no type`);
    for (const { volume } of snapshots.nodes) demand(volume?.uuid === uuid, `volume ${uuid} has a snapshot of another`);
  }
}

/** A few volumes by their ids, and one that is not there. */
export async function readSeveral({ ask, random, seeded }: User): Promise<void> {
  const query = `query Several($a: ID!, $inA: RegionCode, $b: ID!, $inB: RegionCode, $absent: ID!) {
    a: volume(id: $a, region: $inA) { uuid name region { code available } }
    b: volume(id: $b, region: $inB) { uuid status snapshots { totalCount ${failures} } }
    absent: volume(id: $absent, region: $inA) { uuid }
  }`;
  const [a, b] = [random.pick(seeded), random.pick(seeded)];
  const absent = '00000000-0000-4000-8000-000000000000';
  const variables = { a: a.uuid, inA: a.region, b: b.uuid, inB: b.region, absent };
  const { data, isWhole, demand } = await ask(query, variables);
  if (!isWhole) return;
  demand(data.a?.uuid === a.uuid && data.b?.uuid === b.uuid, 'a volume that is there is not found');
  demand(data.absent === null, 'a volume that is not there is found');
}

export async function readSummary({ ask, seeded }: User): Promise<void> {
  const query = `{ storageSummary {
    total { count sizeGb } snapshots { count } byStatus { status count } byRegion { region { code } count } ${failures}
  } }`;
  const { data, isWhole, demand } = await ask(query, {});
  if (!isWhole) return;
  const { total, byStatus, byRegion } = data.storageSummary;
  const sum = (rows: { count: number }[]) => rows.reduce((all, { count }) => all + count, 0);
  demand(total.count >= seeded.length, `${total.count} volumes are counted; at least ${seeded.length} are there`);
  demand(sum(byStatus) === total.count && sum(byRegion) === total.count, 'the counts do not add up');
}

/** More pages than there can be, unless a region fails for many of them. */
const maxPages = 60;

/**
 * All pages of a list. What is there from the start is on exactly one of them, also when a region failed on the way:
 * the next page asks it again.
 */
export async function walk({ ask, random, seeded }: User): Promise<void> {
  const query = `query Walk($first: Int, $after: String, $filter: VolumeFilter, $order: [VolumeOrder!]) {
    volumes(first: $first, after: $after, filter: $filter, orderBy: $order) {
      nodes { uuid name } pageInfo { hasNextPage endCursor } ${failures}
    }
  }`;
  const first = Math.ceil(random.between(40, 120));
  const order = random.pick([null, [{ field: 'NAME' }], [{ field: 'SIZE', direction: 'DESC' }]]);
  const filter = random() < 0.5 ? null : { sizeMin: 1 };
  const seen = new Set<string>();
  let after: string | null = null;
  for (let page = 0; page < maxPages; page++) {
    const asked = await ask(query, { first, after, filter, order });
    const volumes = asked.data?.volumes;
    if (!volumes) return;
    for (const { uuid, name } of volumes.nodes) {
      asked.demand(!seen.has(uuid), `${name} ${uuid} is on two pages`);
      seen.add(uuid);
    }
    if (!volumes.pageInfo.hasNextPage) {
      const missed = seeded.filter(({ uuid }) => !seen.has(uuid));
      asked.demand(
        missed.length === 0,
        `${missed.length} volumes are on no page, ${JSON.stringify(missed[0])} among them`,
      );
      return;
    }
    after = volumes.pageInfo.endCursor;
    asked.demand(after !== null, 'there is a next page but no cursor');
  }
}

/** Volumes that are there from the start, and stay. */
export async function readSeeded(
  client: Client,
  identity: Identity,
  regions: readonly string[],
): Promise<User['seeded']> {
  const query = 'query ($regions: [RegionCode!]) { volumes(first: 1000, regions: $regions) { nodes { uuid } } }';
  const lists: SeededVolume[] = [];
  // One after the other: a gateway that has just started may refuse several lists of a token that no region has accepted yet.
  for (const region of regions) {
    const { body } = await client.send(JSON.stringify({ query, variables: { regions: [region] } }), identity);
    lists.push(...(body?.data.volumes.nodes ?? []).map(({ uuid }: { uuid: string }) => ({ uuid, region })));
  }
  const [first, ...rest] = lists;
  if (!first) throw new Error('the simulator has no rows');
  return [first, ...rest];
}

/** Whether each region answers without any error within so many seconds. */
export async function recovers({ ask }: User, regions: readonly string[], seconds: number): Promise<boolean> {
  const query = `query ($region: RegionCode!) {
    region(code: $region) { available storageSummary { total { count } snapshots { count } ${failures} } }
  }`;
  const patience = performance.now() + seconds * 1000;
  const answers = await Promise.all(
    regions.map(async (region) => {
      while (performance.now() < patience) {
        if ((await ask(query, { region })).isWhole) return true;
        await delay(250);
      }
      return false;
    }),
  );
  return answers.every(Boolean);
}
