import { enumNameOf, type Region } from '../../regions.ts';

/** A query for each thing worth seeing, of whatever there is in the regions. */
export function exampleTabs(regions: readonly Pick<Region, 'code'>[]): string[] {
  const names = regions.map(({ code }) => enumNameOf(code));
  const [first = ''] = names;
  const last = names.at(-1) ?? '';
  return [page, filtered, summary, oneRegion(first), deferred(first, last)];
}

const page = `# Fill in "X-Auth-Token" and "X-Tenant-Id" under "Headers" once: tabs in which they are empty send the same values.
# One page of all regions, sorted: three REST calls for each, made together, however many volumes.
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
`;

const filtered = `# A filtered walk: run it, then give "endCursor" as the variable "after", until "hasNextPage" is false.
query Filtered($after: String) {
  volumes(first: 5, after: $after, filter: { nameContains: "web", sizeMin: 20 }) {
    totalCount
    nodes { name status size createdAt region { code } }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const summary = `# What the tenant has. Each region's list is read once.
# A region that is down stands in "failures" (try SIMULATOR_DOWN=kr2 npm run demo).
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
`;

function oneRegion(region: string): string {
  return `# One region alone fails alone. Three REST calls for its page.
query OneRegion {
  region(code: ${region}) {
    name
    volumes(first: 10) {
      nodes { name status volumeType { name } snapshots(first: 3) { nodes { name } } }
      pageInfo { hasNextPage endCursor }
    }
    volumeTypes { nodes { name description extraSpecs } }
  }
}
`;
}

function deferred(first: string, last: string): string {
  return `# What is deferred comes when it is there: nobody waits for the slowest region to see the others.
# One list merged over all regions cannot be sent by region, so ask for them one by one.
query Deferred {
  first: region(code: ${first}) { ...Newest }
  ... @defer {
    last: region(code: ${last}) { ...Newest }
  }
}

fragment Newest on Region {
  name
  volumes(first: 5) { nodes { name status createdAt } }
}
`;
}
