import { readFileSync } from 'node:fs';
import { GraphQLScalarType } from 'graphql';

/*
 * What the peers that are programs share: the schema, and how an upstream's row becomes an object of it.
 */

export const typeDefs = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');

export const scalars = {
  DateTime: new GraphQLScalarType({ name: 'DateTime' }),
  JSONObject: new GraphQLScalarType({ name: 'JSONObject' }),
};

export const regionCodes = ['KR1', 'KR2', 'JP1'] as const;
export type RegionCode = (typeof regionCodes)[number];

/** The members of a volume that are used. */
export interface WireVolume {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: string;
  readonly size: number;
  readonly availability_zone: string;
  readonly bootable: string;
  readonly encrypted: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly volume_type: string | null;
  readonly attachments: readonly { readonly device: string; readonly server_id: string }[];
}

export interface WireSnapshot {
  readonly name: string | null;
  readonly status: string;
  readonly size: number;
  readonly volume_id: string;
}

export interface WireType {
  readonly name: string;
}

export type Volume = ReturnType<typeof toVolume>;

export function toVolume(code: RegionCode, wire: WireVolume) {
  return {
    id: `Volume:${code}:${wire.id}`,
    uuid: wire.id,
    region: { code },
    name: wire.name,
    description: wire.description,
    status: toEnum(wire.status),
    size: wire.size,
    availabilityZone: wire.availability_zone,
    bootable: wire.bootable === 'true',
    encrypted: wire.encrypted,
    metadata: wire.metadata,
    createdAt: `${wire.created_at.slice(0, 23)}Z`,
    volumeTypeName: wire.volume_type,
    attachments: wire.attachments.map(({ device, server_id }) => ({ device, server: { uuid: server_id } })),
  };
}

export function toSnapshot({ name, status, size }: WireSnapshot) {
  return { name, status: toEnum(status), size };
}

/** Newest first; equal ones in the order of the regions. */
export function mergeNewest(lists: readonly (readonly Volume[])[], first: number): Volume[] {
  const byTime = (a: Volume, b: Volume) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0);
  return lists.flat().sort(byTime).slice(0, first);
}

const toEnum = (word: string) => word.toUpperCase().replaceAll('-', '_');
