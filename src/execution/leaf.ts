import { type GraphQLLeafType, isEnumType } from 'graphql';

/** The JSON of a leaf's value; throws what GraphQL says of a value that the type does not have. */
export type LeafWriter = (value: unknown) => string;

/** Values that need no coercion are written at once, all others as the type says. */
export function leafWriterOf(type: GraphQLLeafType): LeafWriter {
  const coerced: LeafWriter = (value) => {
    const output = type.coerceOutputValue(value);
    if (output == null) throw new Error(`${type.name} gives ${output} for a value of its own.`);
    return typeof output === 'string' ? quoted(output) : (JSON.stringify(output) ?? 'null');
  };
  if (isEnumType(type)) {
    const names = new Map(type.getValues().map(({ name, value }) => [value, JSON.stringify(name)]));
    return (value) => names.get(value) ?? coerced(value);
  }
  switch (type.name) {
    case 'String':
    case 'ID':
      return (value) => (typeof value === 'string' ? quoted(value) : coerced(value));
    case 'Boolean':
      return (value) => (typeof value === 'boolean' ? String(value) : coerced(value));
    case 'Int':
      return (value) => (typeof value === 'number' && (value | 0) === value ? String(value) : coerced(value));
    default:
      return coerced;
  }
}

/** Up to this length a loop over the characters is faster than a call of `JSON.stringify`. */
const shortText = 64;

const [space, quote, backslash, firstSurrogate] = [0x20, 0x22, 0x5c, 0xd800];

/** Text as JSON. */
function quoted(text: string): string {
  if (text.length > shortText) return JSON.stringify(text);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < space || code === quote || code === backslash || code >= firstSurrogate) return JSON.stringify(text);
  }
  return `"${text}"`;
}
