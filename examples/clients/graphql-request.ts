import { GraphQLClient, gql } from 'graphql-request';

export function createRequestClient(url: string, token: string, tenant: string): GraphQLClient {
  return new GraphQLClient(url, { headers: { 'X-Auth-Token': token, 'X-Tenant-Id': tenant } });
}

const page = gql`
  query ($first: Int, $after: String) {
    volumes(first: $first, after: $after) {
      nodes { id name }
      pageInfo { hasNextPage endCursor }
      failures { region { code } message }
    }
  }
`;

interface Page {
  readonly volumes: {
    readonly nodes: readonly { readonly id: string; readonly name: string | null }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** All volumes, a page at a time. A page may be empty though more follow: only `hasNextPage` tells the end. */
export async function* allVolumes(client: GraphQLClient, first = 50) {
  for (let after: string | null = null, more = true; more; ) {
    // An error of any page is thrown, so there is a list.
    const { volumes }: Page = await client.request<Page>(page, { first, after });
    yield* volumes.nodes;
    ({ hasNextPage: more, endCursor: after } = volumes.pageInfo);
  }
}
