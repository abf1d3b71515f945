import type { EnumRef } from '@pothos/core';
import { newestFirst, type Order, totalOrder } from '../block-storage/order.ts';
import { builder } from './builder.ts';

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which end of a list comes first.',
  values: {
    ASC: { value: 'asc', description: 'Smallest, oldest or nameless first.' },
    DESC: { value: 'desc', description: 'Largest or newest first.' },
  } as const,
});

/**
 * The input for one key to order a list by.
 * @param nouns such as `volumes`.
 */
export function orderInput<Field extends string>(
  name: string,
  nouns: string,
  field: EnumRef<typeof builder.$inferSchemaTypes, Field>,
) {
  return builder.inputType(name, {
    description: `One key to order ${nouns} by; ties are broken by the next, at last by identifier.`,
    fields: (t) => ({
      field: t.field({ type: field, required: true, description: 'What to order by.' }),
      direction: t.field({
        type: OrderDirection,
        required: true,
        defaultValue: 'asc',
        description: 'Which end comes first.',
      }),
    }),
  });
}

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
