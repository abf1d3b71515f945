import { graphql, useLazyLoadQuery, usePaginationFragment } from 'react-relay';
import type { relayVolumes_list$key } from './__generated__/relayVolumes_list.graphql.ts';
import type { relayVolumesPaginationQuery } from './__generated__/relayVolumesPaginationQuery.graphql.ts';
import type { relayVolumesQuery } from './__generated__/relayVolumesQuery.graphql.ts';

const page = graphql`
  query relayVolumesQuery($count: Int!) {
    ...relayVolumes_list @arguments(count: $count)
  }
`;

// Without @throwOnFieldError a list that failed looks like an empty one.
const list = graphql`
  fragment relayVolumes_list on Query
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" })
  @refetchable(queryName: "relayVolumesPaginationQuery")
  @throwOnFieldError {
    volumes(first: $count, after: $cursor) @connection(key: "relayVolumes_volumes") {
      edges {
        node {
          id
          name
        }
      }
      failures {
        message
      }
    }
  }
`;

export function Volumes({ count }: { readonly count: number }) {
  const query = useLazyLoadQuery<relayVolumesQuery>(page, { count });
  const { data, hasNext, isLoadingNext, loadNext } = usePaginationFragment<
    relayVolumesPaginationQuery,
    relayVolumes_list$key
  >(list, query);
  return (
    <>
      <ul>
        {data.volumes?.edges.map(({ node }) => (
          <li key={node.id} id={node.id}>
            {node.name}
          </li>
        ))}
      </ul>
      {data.volumes?.failures.map(({ message }) => (
        <p key={message}>{message}</p>
      ))}
      {hasNext && (
        <button type="button" disabled={isLoadingNext} onClick={() => loadNext(count)}>
          More
        </button>
      )}
    </>
  );
}
