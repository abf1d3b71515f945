import { DateTimeResolver, JSONObjectResolver, UUIDResolver } from 'graphql-scalars';
import { builder } from './builder.ts';

builder.addScalarType('DateTime', DateTimeResolver, {
  description:
    'A time in UTC with milliseconds, such as `2018-12-18T05:43:12.000Z`. As input any RFC 3339 time with a zone.',
});
builder.addScalarType('UUID', UUIDResolver, {
  description:
    'The upstream’s own identifier of an object, in lower case, such as `17975e9d-1533-40db-bd02-2072cd2ccb7f`.',
});
builder.addScalarType('JSONObject', JSONObjectResolver, {
  description: 'An object of free keys, such as metadata; the values are text as a rule.',
});
