import type {
  OrderDirection,
  RegionCode,
  VolumeOrderField,
  VolumeStatus,
  VolumesQueryVariables,
} from './__generated__/documents.ts';

export interface Order {
  readonly field: VolumeOrderField;
  readonly direction: OrderDirection;
}

/** Which volumes the user wants to see, and in which order. */
export interface Wanted {
  readonly name: string;
  readonly status: VolumeStatus | null;
  readonly region: RegionCode | null;
  readonly order: Order;
}

export const everything: Wanted = {
  name: '',
  status: null,
  region: null,
  order: { field: 'CREATED_AT', direction: 'DESC' },
};

export const pageLength = 25;

/** The most rows that the gateway gives at once. */
export const longestPage = 1000;

export function isFiltered({ name, status, region }: Wanted): boolean {
  return name !== '' || status !== null || region !== null;
}

/** Without a filter where nothing is filtered: a filtered list costs the gateway more. */
export function variablesOf({ name, status, region, order }: Wanted): VolumesQueryVariables {
  const filter = { ...(name ? { nameContains: name } : {}), ...(status ? { status: [status] } : {}) };
  return {
    first: pageLength,
    orderBy: [order],
    ...(name || status ? { filter } : {}),
    ...(region ? { regions: [region] } : {}),
  };
}

/** What a click on a column’s header orders by: the other way round, or first that which one looks for as a rule. */
export function nextOrder(current: Order, field: VolumeOrderField): Order {
  if (current.field === field) return { field, direction: current.direction === 'ASC' ? 'DESC' : 'ASC' };
  return { field, direction: field === 'SIZE' || field === 'CREATED_AT' ? 'DESC' : 'ASC' };
}
