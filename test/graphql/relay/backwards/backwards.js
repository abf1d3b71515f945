import { graphql } from 'react-relay';

/** Lists are read forwards only, so these arguments do not exist. */
export const list = graphql`
  fragment backwards_region on Region
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
  @refetchable(queryName: "backwardsPaginationQuery") {
    volumes(last: $count, before: $cursor) @connection(key: "backwards_volumes") {
      edges {
        node {
          id
        }
      }
    }
  }
`;
