import type { Region } from '../../regions.ts';
import { exampleTabs } from './example-tabs.ts';

/** What GraphiQL shows in the demo: beside the examples what goes with the demo's own objects. */
export function demoTabs(regions: readonly Pick<Region, 'code'>[]): string[] {
  return [...exampleTabs(regions), ...ofDemo];
}

const ofDemo = [
  `# One volume in full. A UUID goes with its region; a global id ("id") goes alone.
query Volume {
  volume(id: "17975e9d-1533-40db-bd02-2072cd2ccb7f", region: KR1) {
    id uuid region { code name } tenantId userId
    name description status statusText size availabilityZone bootable encrypted multiattach
    metadata createdAt consistencyGroupId
    replication { status extendedStatus driverData }
    encryption { keyId keyVersion }
    links { rel href }
    volumeType { name extraSpecs }
    sourceSnapshot { name }
    sourceVolume { name }
    attachments { uuid device server { uuid } }
    snapshots { nodes { id name status progress } }
  }
}
`,
  `# The life of a volume. Run one operation after the other (the button lists them), with the
# id that "Create" answers in the place of PASTE_ID. Changes take three seconds here.
mutation Create {
  createVolume(input: { region: KR1, size: 10, name: "my volume", volumeType: "General SSD" }) {
    volume { id status }
  }
}

query Look {
  volume(id: "PASTE_ID") { name status snapshots { nodes { id name status } } }
}

# Each change as it happens, until it is done.
subscription Follow {
  volumeUpdated(id: "PASTE_ID", until: [AVAILABLE, ERROR]) { name status }
}

mutation Snapshot {
  createSnapshot(input: { volumeId: "PASTE_ID", name: "before the change" }) {
    snapshot { id status volume { name } }
  }
}

mutation Upload {
  uploadVolumeToImage(input: { volumeId: "PASTE_ID", imageName: "my image", diskFormat: "qcow2" }) {
    image { imageId status volumeType { name } }
  }
}

mutation Delete {
  deleteVolume(input: { id: "PASTE_ID" }) { deletedVolumeId volume { status } }
}
`,
  `# Errors cost the field they belong to and no other. Each has a code, and says what to do.
query Errors {
  works: region(code: KR1) { volumes(first: 1) { nodes { name } } }
  tooMany: region(code: KR1) { volumes(first: 5000) { nodes { name } } }
  noSuchVolume: volume(id: "00000000-0000-4000-8000-000000000000", region: KR1) { name }
  noRegion: volume(id: "17975e9d-1533-40db-bd02-2072cd2ccb7f") { name }
}

# A volume with snapshots cannot be deleted.
mutation Conflict {
  deleteVolume(input: { id: "17975e9d-1533-40db-bd02-2072cd2ccb7f", region: KR1 }) { deletedVolumeId }
}
`,
];
