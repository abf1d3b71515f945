import type { Followable } from '../block-storage/followable.ts';
import { cost } from '../cost/field-cost.ts';
import { builder } from './builder.ts';
import { readId } from './global-id.ts';
import { idArgs } from './lookup.ts';
import type { NodeType } from './node-type.ts';
import type { StatusEnum } from './status.ts';

/**
 * Adds the subscription to one object of a type.
 * @param field such as `volumeUpdated`.
 */
export function addSubscription<Row extends { readonly status: string | null }>(
  field: string,
  type: NodeType<Row, [uuid: string]>,
  followable: Followable<Row>,
  status: StatusEnum,
): void {
  // The builder cannot type a field by a type parameter.
  const { ref }: NodeType<object, [uuid: string]> = type;
  builder.subscriptionField(field, (t) =>
    t.field({
      type: ref,
      extensions: cost({ calls: 1 }),
      description: `One ${followable.noun}: at once, then whenever it changes. Ends with null when it is gone, or in a status of \`until\`.`,
      args: {
        ...idArgs,
        until: t.arg({ type: [status.ref], description: 'The statuses to wait for; on and on if left out.' }),
      },
      subscribe: (_root, args, context) => {
        const { region, uuid } = readId(context, type, { path: ['id'], id: args.id, region: args.region });
        const until = new Set(args.until);
        return context.follow(region, followable, uuid, (row) => until.has(status.read(row.status)));
      },
      resolve(told) {
        if (told instanceof Error) throw told;
        return told;
      },
    }),
  );
}
