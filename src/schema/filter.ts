import type { builder } from './builder.ts';
import { filterText, metadataObject } from './input.ts';
import type { StatusEnum } from './status.ts';

type InputFields = PothosSchemaTypes.InputFieldBuilder<typeof builder.$inferSchemaTypes, 'InputObject'>;

/** The members that the filters of all lists have. */
export function commonFilters(t: InputFields, status: StatusEnum) {
  return {
    uuids: t.field({ type: ['UUID'], description: 'One of these, whatever its region.' }),
    status: t.field({ type: [status.ref], description: 'In one of these statuses.' }),
    name: t.string({ description: 'With exactly this name.', validate: filterText }),
    nameContains: t.string({ description: 'With this in its name, in upper or lower case.', validate: filterText }),
    sizeMin: t.int({ description: 'Of at least so many gigabytes.' }),
    sizeMax: t.int({ description: 'Of at most so many gigabytes.' }),
    metadata: t.field({
      type: 'JSONObject',
      description: 'With these keys and values among its metadata.',
      validate: metadataObject,
    }),
  };
}
