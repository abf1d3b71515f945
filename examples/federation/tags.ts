import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { type Served, serve } from './serve.ts';

/*
 * A subgraph as another team would write it: words that people put on volumes. It knows volumes by their global id alone,
 * and adds a field to them.
 */

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])

  type Query {
    tags: [Tag!]!
  }

  type Tag {
    name: String!
    volumes: [Volume!]!
  }

  type Volume @key(fields: "id") {
    id: ID!
    tags: [Tag!]!
  }
`);

interface Tag {
  readonly name: string;
  readonly volumes: readonly { readonly id: string }[];
}

/** @param volumes of each tag the global ids of its volumes. */
export async function startTags(volumes: Readonly<Record<string, readonly string[]>>): Promise<Served> {
  const tags: Tag[] = Object.entries(volumes).map(([name, ids]) => ({ name, volumes: ids.map((id) => ({ id })) }));
  const schema = buildSubgraphSchema([
    {
      typeDefs,
      resolvers: {
        Query: { tags: () => tags },
        Volume: {
          tags: ({ id }: { id: string }) => tags.filter(({ volumes }) => volumes.some((volume) => volume.id === id)),
        },
      },
    },
  ]);
  const yoga = createYoga({ schema, logging: false });
  return serve((request, response) => void yoga(request, response));
}
