import { madePrefix } from './settings.ts';
import type { Asked, User } from './user.ts';

let lastMade = 0;

/**
 * The life of a volume: made, photographed, both deleted. What was made is there, what was deleted is not, what failed
 * was not done unless its error says that it may have been, and nothing is made twice. Left where a step fails; the
 * simulator sweeps.
 */
export async function liveOnce(user: User): Promise<void> {
  const { ask, random, seeded } = user;
  const { region } = random.pick(seeded);
  const name = `${madePrefix}${++lastMade}`;
  const made = await ask(createVolume, { input: { region, name, size: 1, metadata: { made: 'for a while' } } });
  const volume = made.data?.createVolume?.volume;
  await checkMade(user, made, { region, name });
  if (!volume) return;
  const input = { volumeId: volume.id, name: `${name}-snapshot`, force: random() < 0.5 };
  const taken = await ask(createSnapshot, { input });
  const snapshot = taken.data?.createSnapshot?.snapshot;
  if (!snapshot) return;
  if (random() < 0.2) {
    const early = await ask(deleteVolume, { input: { id: volume.id } }, { codes: ['CONFLICT'] });
    early.demand(!early.data?.deleteVolume, 'a volume that has a snapshot can be deleted');
  }
  const gone = await ask(deleteSnapshot, { input: { id: snapshot.id } });
  if (!gone.data?.deleteSnapshot) return;
  const deleted = await deleteIt(user, volume);
  if (!deleted) return;
  const query = 'query ($id: ID!) { volume(id: $id) { uuid name status } }';
  const after = await ask(query, { id: volume.id });
  if (after.isWhole) after.demand(after.data.volume === null, 'a volume that was deleted is there');
}

const createVolume = `mutation ($input: CreateVolumeInput!) {
  createVolume(input: $input) { volume { id uuid name status volumeType { name } } }
}`;
const createSnapshot = `mutation ($input: CreateSnapshotInput!) {
  createSnapshot(input: $input) { snapshot { id status volume { name } } }
}`;
const deleteSnapshot = `mutation ($input: DeleteSnapshotInput!) {
  deleteSnapshot(input: $input) { deletedSnapshotId snapshot { status } }
}`;
const deleteVolume = `mutation ($input: DeleteVolumeInput!) {
  deleteVolume(input: $input) { deletedVolumeId volume { status } }
}`;
const deleteVolumes = `mutation ($input: DeleteVolumesInput!) {
  deleteVolumes(input: $input) {
    results { givenId deletedVolumeId error { code message region { code } outcomeUnknown } }
  }
}`;

/** With the mutation for one or with that for many, which names it twice. */
async function deleteIt({ ask, random }: User, { id }: { id: string }): Promise<boolean> {
  if (random() < 0.5) return Boolean((await ask(deleteVolume, { input: { id } })).data?.deleteVolume);
  const { data } = await ask(deleteVolumes, { input: { ids: [id, id] } });
  return data?.deleteVolumes?.results[0]?.deletedVolumeId != null;
}

async function checkMade({ ask }: User, made: Asked, { region, name }: { region: string; name: string }) {
  const isMade = Boolean(made.data?.createVolume?.volume);
  const isUnknown = made.answer.body?.errors?.some(({ extensions }) => extensions?.outcomeUnknown === true) ?? true;
  const query = `query ($regions: [RegionCode!], $name: String) {
    volumes(regions: $regions, filter: { name: $name }) { nodes { uuid name } failures { region { code } code message } }
  }`;
  const { data, isWhole, demand } = await ask(query, { regions: [region], name });
  if (!isWhole) return;
  const count = data.volumes.nodes.length;
  demand(count <= 1, `a volume was made ${count} times`);
  if (isMade) demand(count === 1, 'a volume that was made is not there');
  else if (!isUnknown) made.demand(count === 0, 'a volume was made though the error says that it was not');
}
