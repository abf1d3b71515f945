import { graphql } from 'react-relay';

/** For `useRefetchableFragment`: one volume, read again by its `id`. */
export const detail = graphql`
  fragment volumeSnapshots_detail on Volume @refetchable(queryName: "volumeSnapshotsRefetchQuery") {
    name
    status
    statusText
    sourceVolume {
      id
      name
    }
    attachments {
      id
      server {
        uuid
      }
    }
  }
`;

/** For `usePaginationFragment`: the snapshots of a volume. */
export const list = graphql`
  fragment volumeSnapshots_volume on Volume
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" })
  @refetchable(queryName: "volumeSnapshotsPaginationQuery") {
    snapshots(first: $count, after: $cursor) @connection(key: "volumeSnapshots_snapshots") {
      edges {
        node {
          id
          name
          createdAt
        }
      }
    }
  }
`;

/** For `useLazyLoadQuery`. */
export const page = graphql`
  query volumeSnapshotsQuery($id: ID!) {
    volume(id: $id) {
      ...volumeSnapshots_detail
      ...volumeSnapshots_volume
    }
  }
`;

/** For `useMutation`: the deleted object leaves the store and the list by its `id`. */
export const deletion = graphql`
  mutation volumeSnapshotsDeleteMutation($input: DeleteSnapshotInput!, $connections: [ID!]!) {
    deleteSnapshot(input: $input) {
      deletedSnapshotId @deleteRecord @deleteEdge(connections: $connections)
    }
  }
`;
