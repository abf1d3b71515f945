import { GraphQLError, type ValueNode } from 'graphql';
import { DateTimeResolver, JSONObjectResolver, UUIDResolver } from 'graphql-scalars';
import { isObject } from '../block-storage/decode.ts';
import { builder } from './builder.ts';

/*
 * As input they are checked; as output they were checked when they were decoded, and are only written: a list has each
 * of them a thousand times.
 */

builder.addScalarType('DateTime', DateTimeResolver, {
  description:
    'A time in UTC, given back with milliseconds, such as `2018-12-18T05:43:12.000Z`. As input any RFC 3339 time with a zone; filters compare microseconds.',
  // From six digits of a second to three.
  ...writtenBy((time) => `${String(time).slice(0, 23)}Z`),
  ...readBy(isText, readTime),
  ...readLiterally(readTime),
});
builder.addScalarType('UUID', UUIDResolver, {
  description:
    'The upstream’s own identifier of an object, in lower case, such as `17975e9d-1533-40db-bd02-2072cd2ccb7f`.',
  ...writtenBy(String),
  ...readBy(isText, UUIDResolver.parseValue),
});
builder.addScalarType('JSONObject', JSONObjectResolver, {
  description: 'An object of free keys, such as metadata; the values are text as a rule.',
  ...readBy(isObject, (object) => object),
});

/* GraphQL has two names for writing a value and for reading one, and the library's own stand under both. */

function writtenBy(write: (value: unknown) => string) {
  return { serialize: write, coerceOutputValue: write };
}

/**
 * @param isOfKind asked first: the library prints a value of another kind, and a list within lists takes time with the
 * square of its size.
 */
function readBy<Sent, Value>(isOfKind: (value: unknown) => value is Sent, read: (value: Sent) => Value) {
  const readChecked = (value: unknown) => {
    if (!isOfKind(value)) throw new GraphQLError('The value is of another kind.');
    return read(value);
  };
  return { parseValue: readChecked, coerceInputValue: readChecked };
}

/** The library reads a literal as a `Date`; this reads its text. */
function readLiterally(read: (value: string) => string) {
  const readLiteral = (literal: ValueNode) => {
    if (literal.kind !== 'StringValue') throw new GraphQLError('The value is of another kind.', { nodes: literal });
    try {
      return read(literal.value);
    } catch {
      throw new GraphQLError('The value is no time.', { nodes: literal });
    }
  };
  return { parseLiteral: readLiteral, coerceInputLiteral: readLiteral };
}

/**
 * A time as times of rows are written, `2018-12-18T05:43:12.000000Z`. Digits behind the sixth are rounded up: then rows,
 * which have six, compare as they would with the time itself.
 */
function readTime(text: string): string {
  const time = DateTimeResolver.parseValue(text);
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  const isExact = /^0*$/.test(fraction.slice(6));
  const microseconds = Number(fraction.slice(0, 6).padEnd(6, '0')) + (isExact ? 0 : 1);
  const seconds = Math.floor(time.getTime() / 1000) + Math.floor(microseconds / 1_000_000);
  const [toSecond = ''] = new Date(seconds * 1000).toISOString().split('.');
  // A year outside of 0 to 9999 has a sign and more digits.
  if (toSecond.length !== 19) throw new GraphQLError('The year in UTC must be 0 to 9999.');
  return `${toSecond}.${String(microseconds % 1_000_000).padStart(6, '0')}Z`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
