import type { Wire } from '../decode.ts';
import { fieldsOf, type Row, type RowClass, type RowSource } from '../row.ts';

/** The wire members that the fields of a class of rows are decoded from. */
export function membersOf<Own extends Row>(type: RowClass<Own>): string[] {
  const members = new Set<string>();
  // No getter needs its source for members that are undefined.
  const row = new type(recordReads({}, members), '', {} as RowSource);
  for (const field of fieldsOf(type)) void row[field];
  return [...members];
}

/** An object that notes which of its members are read. */
export function recordReads(wire: Wire, members: Set<string>): Wire {
  return new Proxy(wire, {
    get(target, member) {
      if (typeof member === 'symbol') return undefined;
      members.add(member);
      return target[member];
    },
  });
}
