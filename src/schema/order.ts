import { newestFirst, type Order, totalOrder } from '../block-storage/order.ts';
import { builder } from './builder.ts';

export const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which end of a list comes first.',
  values: {
    ASC: { value: 'asc', description: 'Smallest, oldest or nameless first.' },
    DESC: { value: 'desc', description: 'Largest or newest first.' },
  } as const,
});

/** An argument to order a list by. */
export interface OrderBy {
  readonly orderBy?: readonly { field: string; direction: 'asc' | 'desc' }[] | null | undefined;
}

/** The asked order made total; newest first where none is asked for; of a repeated field the first counts. */
export function readOrder({ orderBy }: OrderBy): Order {
  const fields = new Map<string, 'asc' | 'desc'>();
  for (const { field, direction } of orderBy ?? []) if (!fields.has(field)) fields.set(field, direction);
  const order = Array.from(fields, ([key, direction]) => ({ key, direction }));
  return order.length === 0 ? newestFirst : totalOrder(order);
}
