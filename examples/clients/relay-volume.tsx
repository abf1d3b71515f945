import { useMemo } from 'react';
import { graphql, useLazyLoadQuery, useMutation, useRefetchableFragment, useSubscription } from 'react-relay';
import type { relayVolume_detail$key } from './__generated__/relayVolume_detail.graphql.ts';
import type { relayVolumeDeleteMutation } from './__generated__/relayVolumeDeleteMutation.graphql.ts';
import type { relayVolumeQuery } from './__generated__/relayVolumeQuery.graphql.ts';
import type { relayVolumeRefetchQuery } from './__generated__/relayVolumeRefetchQuery.graphql.ts';
import type { relayVolumeSubscription } from './__generated__/relayVolumeSubscription.graphql.ts';

const page = graphql`
  query relayVolumeQuery($id: ID!) {
    volume(id: $id) {
      ...relayVolume_detail
    }
  }
`;

const detail = graphql`
  fragment relayVolume_detail on Volume @refetchable(queryName: "relayVolumeRefetchQuery") {
    name
    status
  }
`;

const changes = graphql`
  subscription relayVolumeSubscription($id: ID!) {
    volumeUpdated(id: $id, until: [AVAILABLE]) {
      ...relayVolume_detail
    }
  }
`;

const deletion = graphql`
  mutation relayVolumeDeleteMutation($input: DeleteVolumeInput!) {
    deleteVolume(input: $input) {
      deletedVolumeId
    }
  }
`;

export function Volume({ id }: { readonly id: string }) {
  const { volume } = useLazyLoadQuery<relayVolumeQuery>(page, { id });
  const [data, refetch] = useRefetchableFragment<relayVolumeRefetchQuery, relayVolume_detail$key>(detail, volume);
  const [commitDeletion] = useMutation<relayVolumeDeleteMutation>(deletion);
  // What is told goes into the store under its `id`, and so to whatever shows it.
  useSubscription<relayVolumeSubscription>(useMemo(() => ({ subscription: changes, variables: { id } }), [id]));
  const remove = () =>
    commitDeletion({
      variables: { input: { id } },
      onCompleted: () => void refetch({}, { fetchPolicy: 'network-only' }),
    });
  return (
    <p>
      {data?.name}: <b>{data?.status}</b>
      <button type="button" onClick={remove}>
        Delete
      </button>
    </p>
  );
}
