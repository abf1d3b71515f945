/*
 * What the canned upstream answers: the guide's full rows, always the same. The newest volumes of the regions alternate,
 * so that a merged list takes from all of them.
 */

export const regions = ['kr1', 'kr2', 'jp1'] as const;
export type RegionCode = (typeof regions)[number];

/** A tenant with so many volumes in each region, each with two snapshots. */
export const tenantOf = (volumes: number) => `6cdebe3eb0094910bc41f1d4${String(volumes).padStart(8, '0')}`;

/** How many volumes a tenant has in each region. */
export const volumesOf = (tenant: string) => Number(tenant.slice(-8));

export const snapshotsEach = 2;

const typeNames = ['General HDD', 'General SSD', 'Encrypted HDD', 'Encrypted SSD'];
const statuses = ['available', 'in-use', 'available', 'in-use', 'error', 'creating'];
const newest = Date.UTC(2026, 0, 1);

/** The identifier of the volume at a place of a region's list, which is sorted newest first. */
export const volumeId = (region: RegionCode, place: number) => uuidOf(1, region, place);

/** The identifier of a snapshot; those of one volume follow each other. */
export const snapshotId = (region: RegionCode, place: number) => uuidOf(2, region, place);

/** The place of a row in its list, from its identifier. */
export const placeOf = (uuid: string) => Number.parseInt(uuid.slice(-12), 16);

/** Guide: "Get Block Storage". @param name eight characters, which may change from answer to answer. */
export function volumeAt(tenant: string, region: RegionCode, place: number, name: string) {
  const id = volumeId(region, place);
  const status = statuses[place % statuses.length];
  return {
    attachments:
      status === 'in-use'
        ? [
            {
              server_id: uuidOf(3, region, place),
              attachment_id: uuidOf(4, region, place),
              volume_id: id,
              device: '/dev/vdb',
              id,
            },
          ]
        : [],
    links: linksOf(tenant, region, id),
    availability_zone: `${region.slice(0, 2)}-pub-${place % 2 ? 'a' : 'b'}`,
    encrypted: place % 4 >= 2,
    'os-volume-replication:extended_status': null,
    volume_type: typeNames[place % typeNames.length],
    snapshot_id: null,
    id,
    size: 10 * (1 + (place % 100)),
    user_id: '5e6524d826084188ae549815b3e33380',
    'os-vol-tenant-attr:tenant_id': tenant,
    metadata: { place: String(place), owner: `team ${place % 17}` },
    status,
    description: place % 3 ? null : `disk of web server ${place}`,
    multiattach: false,
    source_volid: null,
    consistencygroup_id: null,
    name: `volume-${name}`,
    bootable: place % 5 ? 'false' : 'true',
    created_at: timeOf(region, place),
    'os-volume-replication:driver_data': null,
    replication_status: 'disabled',
  };
}

/** Guide: "List Block Storage". */
export function shortVolumeAt(tenant: string, region: RegionCode, place: number, name: string) {
  const id = volumeId(region, place);
  return { id, links: linksOf(tenant, region, id), name: `volume-${name}` };
}

/** Guide: "List Snapshots". */
export function shortSnapshotAt(_tenant: string, region: RegionCode, place: number, name: string) {
  const volume = Math.floor(place / snapshotsEach);
  return {
    status: 'available',
    metadata: {},
    name: `snapshot-${name}`,
    volume_id: volumeId(region, volume),
    created_at: timeOf(region, place),
    size: 10 * (1 + (volume % 100)),
    id: snapshotId(region, place),
    description: null,
  };
}

/** Guide: "List Snapshots with Details". */
export function snapshotAt(tenant: string, region: RegionCode, place: number, name: string) {
  return {
    ...shortSnapshotAt(tenant, region, place, name),
    'os-extended-snapshot-attributes:progress': '100%',
    'os-extended-snapshot-attributes:project_id': tenant,
  };
}

/** Guide: "List Block Storage Types". */
export function typeAt(_tenant: string, region: RegionCode, place: number, name: string) {
  return {
    'os-volume-type-access:is_public': true,
    extra_specs: { volume_backend_name: typeNames[place]?.toLowerCase().replace(' ', '_') },
    id: uuidOf(5, region, place),
    name: typeNames[place],
    description: `type ${name}`,
  };
}

export const typeCount = typeNames.length;

function uuidOf(kind: number, region: RegionCode, place: number): string {
  const group = (kind * 16 + regions.indexOf(region)).toString(16).padStart(8, '0');
  return `${group}-0000-4000-8000-${place.toString(16).padStart(12, '0')}`;
}

function timeOf(region: RegionCode, place: number): string {
  const age = place * regions.length + regions.indexOf(region);
  return new Date(newest - age * 1000).toISOString().replace('Z', '000');
}

function linksOf(tenant: string, region: RegionCode, id: string) {
  const host = `https://${region}-api-block-storage.infrastructure.cloud.toast.com`;
  return [
    { href: `${host}/v2/${tenant}/volumes/${id}`, rel: 'self' },
    { href: `${host}/${tenant}/volumes/${id}`, rel: 'bookmark' },
  ];
}
