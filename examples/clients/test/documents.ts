import type { TypedDocumentNode } from '@apollo/client';
import { parse } from 'graphql';

/* What the tests ask for, with its types: any of the clients takes it. */

type Id = { readonly id: string };
type Volume = { readonly __typename?: 'Volume'; readonly id: string; readonly name: string; readonly status: string };

export interface VolumesPage {
  readonly volumes: {
    readonly edges: readonly { readonly node: { readonly id: string; readonly uuid: string } }[];
    readonly totalCount: number;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    readonly failures: readonly { readonly message: string }[];
  };
}

export const volumesPage: TypedDocumentNode<VolumesPage, { first: number; after?: string | null }> = parse(`
  query ($first: Int!, $after: String) {
    volumes(first: $first, after: $after) {
      edges { node { id uuid } }
      totalCount
      pageInfo { hasNextPage endCursor }
      failures { region { id code } message }
    }
  }
`);

/** The cursor to go on with; null at the end. */
export function nextOf(volumes: VolumesPage['volumes'] | undefined): string | null {
  return volumes?.pageInfo.hasNextPage ? volumes.pageInfo.endCursor : null;
}

export const regions: TypedDocumentNode<{ readonly regions: readonly { readonly code: string }[] }> = parse(`
  { regions { id code } }
`);

export const summary: TypedDocumentNode<{ readonly storageSummary: { readonly total: { readonly count: number } } }> =
  parse('{ storageSummary { total { count } byStatus { status count } failures { region { id } message } } }');

export const createVolume: TypedDocumentNode<{ readonly createVolume: { readonly volume: Volume } }, { name: string }> =
  parse(`
    mutation ($name: String!) {
      createVolume(input: { region: KR1, size: 10, name: $name }) { volume { id name status } }
    }
  `);

export const deleteVolume: TypedDocumentNode<{ readonly deleteVolume: { readonly deletedVolumeId: string } }, Id> =
  parse('mutation ($id: ID!) { deleteVolume(input: { id: $id }) { deletedVolumeId } }');

export const volumeUpdated: TypedDocumentNode<{ readonly volumeUpdated: Volume }, Id> = parse(`
  subscription ($id: ID!) { volumeUpdated(id: $id, until: [AVAILABLE]) { id name status } }
`);

export const volumesChanged: TypedDocumentNode<{ readonly volumesChanged: unknown }> = parse(`
  subscription { volumesChanged { changes { kind id volume { id name status } } refetch } }
`);

export const node: TypedDocumentNode<{ readonly node: Volume | null }, Id> = parse(`
  query ($id: ID!) { node(id: $id) { id ... on Volume { name status } } }
`);

/** Of a volume that does not exist. */
export const deletionOfNothing: TypedDocumentNode<unknown, Record<string, never>> = parse(`
  mutation { deleteVolume(input: { id: "00000000-0000-4000-8000-000000000000", region: KR1 }) { deletedVolumeId } }
`);

interface Partly {
  readonly regions: readonly { readonly code: string }[];
  readonly volume: { readonly id: string } | null;
}

/** Of two fields one fails. */
export const partly: TypedDocumentNode<Partly, Record<string, never>> = parse(`
  { regions { id code } volume(id: "nonsense", region: KR1) { id } }
`);

/** The schema has no such field. */
export const refused: TypedDocumentNode<unknown, Record<string, never>> = parse('{ nothing }');
