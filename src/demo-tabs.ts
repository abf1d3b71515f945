/** What GraphiQL shows in the demo: a query for each thing worth seeing. */
export const demoTabs: readonly string[] = [
  `# One page of three regions, sorted: nine REST calls, made together, however many volumes.
# "extensions.upstream" below the answer shows them (header X-Gateway-Trace).
# For the next page pass "endCursor" as "after".
query Page {
  volumes(first: 20, orderBy: [{ field: SIZE, direction: DESC }]) {
    nodes {
      id
      name
      status
      size
      region { code }
      volumeType { name }
      snapshots(first: 3) { nodes { name createdAt } }
      attachments { device server { uuid } }
    }
    pageInfo { hasNextPage endCursor }
    failures { region { name } code message }
  }
}
`,
  `# A filtered walk: run it, then give "endCursor" as the variable "after", until "hasNextPage" is false.
query Filtered($after: String) {
  volumes(first: 5, after: $after, filter: { nameContains: "web", sizeMin: 20 }) {
    totalCount
    nodes { name status size createdAt region { code } }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  `# What the tenant has. Each region's list is read once.
# Start the demo with SIMULATOR_DOWN=kr2 to see what a dead region does to it.
query Summary {
  storageSummary {
    total { count sizeGb }
    attached { count sizeGb }
    unattached { count sizeGb }
    snapshots { count sizeGb }
    byRegion { region { code name } count sizeGb }
    byStatus { status count }
    byVolumeType { name count sizeGb }
    byAvailabilityZone { name count sizeGb }
    failures { region { name } code message }
  }
}
`,
  `# One region alone fails alone. Three REST calls for its page.
query OneRegion {
  region(code: KR1) {
    name
    volumes(first: 10) {
      nodes { name status volumeType { name } snapshots(first: 3) { nodes { name } } }
      pageInfo { hasNextPage endCursor }
    }
    volumeTypes { nodes { name description extraSpecs } }
  }
}
`,
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

query Watch {
  volume(id: "PASTE_ID") { name status snapshots { nodes { id name status } } }
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
