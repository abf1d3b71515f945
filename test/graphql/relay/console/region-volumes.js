import { graphql } from 'react-relay';

/** For `useFragment`: one row of the list. */
export const row = graphql`
  fragment regionVolumes_volume on Volume {
    id
    name
    status
    size
    volumeType {
      name
    }
    attachments {
      device
    }
  }
`;

/** For `usePaginationFragment`: the list of a region, which Relay reads on through `node(id:)`. */
export const list = graphql`
  fragment regionVolumes_region on Region
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 20 }
    cursor: { type: "String" }
    orderBy: { type: "[VolumeOrder!]" }
  )
  @refetchable(queryName: "regionVolumesPaginationQuery") {
    name
    volumes(first: $count, after: $cursor, orderBy: $orderBy) @connection(key: "regionVolumes_volumes") {
      edges {
        node {
          ...regionVolumes_volume
        }
      }
    }
  }
`;

/** For `usePreloadedQuery`: the page. */
export const page = graphql`
  query regionVolumesQuery($code: RegionCode!) {
    region(code: $code) {
      ...regionVolumes_region
    }
  }
`;
