import {
  type ASTNode,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import { shorten } from './shorten.ts';

/**
 * Why an input does not fit its type. Both texts are made of names of the schema, list indexes and names of unknown
 * fields, never of the value: it may be a secret, and it may be as long as the request.
 */
export interface Mistake {
  /** Such as ` at "filter.uuids[3]"`; empty if it is the whole input. */
  readonly place: string;
  /** Such as `expected a Boolean, true or false`. */
  readonly problem: string;
  /** The part of the document that is wrong; null if the input is not part of it. */
  readonly node: ASTNode | null;
}

/** Reads one kind of input: the JSON of a variable, or a literal. */
export interface InputReader<Input> {
  /** Whether its value is not known yet: it is a variable within a literal. */
  isVariable(input: Input): boolean;
  isNull(input: Input): boolean;
  /** Null if it is not a list. */
  itemsOf(input: Input): readonly Input[] | null;
  /** Null if it is not an object. */
  fieldsOf(input: Input): readonly InputField<Input>[] | null;
  /** Whether a scalar or an enum accepts it. */
  fits(input: Input, type: GraphQLLeafType): boolean;
  nodeOf(input: Input): ASTNode | null;
}

export interface InputField<Input> {
  readonly name: string;
  readonly value: Input;
  readonly node: ASTNode | null;
}

/** How an input is looked through. */
interface Search<Input> {
  readonly reader: InputReader<Input>;
  /** Whether the schema is secret: fields and enum values are not listed then. */
  readonly hideSuggestions: boolean;
}

/** Where in the input; undefined at its top. */
type Path = { readonly prev: Path; readonly key: string | number } | undefined;

/**
 * Finds what is wrong with an input, by the rules of GraphQL (section 3, "Input Coercion"). It goes as deep as the type
 * does, however deep the input is, and only as far as it is asked for more.
 */
export function* mistakesIn<Input>(
  search: Search<Input>,
  input: Input,
  type: GraphQLInputType,
  path?: Path,
): Generator<Mistake> {
  const { reader } = search;
  const mistake = (problem: string): Mistake => ({ place: placeOf(path), problem, node: reader.nodeOf(input) });
  if (reader.isVariable(input)) return;
  if (isNonNullType(type)) {
    if (reader.isNull(input)) yield mistake(`expected a value that is not null, of type "${String(type)}"`);
    else yield* mistakesIn(search, input, type.ofType, path);
  } else if (reader.isNull(input)) return;
  else if (isListType(type)) {
    const items = reader.itemsOf(input);
    // A value that is not a list stands for a list of one.
    if (!items) yield* mistakesIn(search, input, type.ofType, path);
    else for (const [key, item] of items.entries()) yield* mistakesIn(search, item, type.ofType, { prev: path, key });
  } else if (isInputObjectType(type)) {
    const fields = reader.fieldsOf(input);
    if (fields) yield* mistakesInFields(search, fields, type, path, mistake);
    else yield mistake(`expected an object of type "${String(type)}"`);
  } else if (!reader.fits(input, type)) yield mistake(`expected ${wordsFor(type, search.hideSuggestions)}`);
}

function* mistakesInFields<Input>(
  search: Search<Input>,
  fields: readonly InputField<Input>[],
  type: GraphQLInputObjectType,
  path: Path,
  mistake: (problem: string) => Mistake,
): Generator<Mistake> {
  const known = type.getFields();
  const given = new Map(fields.map((field) => [field.name, field]));
  for (const field of Object.values(known)) {
    const { name: key } = field;
    const sent = given.get(key);
    if (sent) yield* mistakesIn(search, sent.value, field.type, { prev: path, key });
    else if (isRequiredInputField(field))
      yield mistake(`required field "${key}" of type "${String(field.type)}" is missing`);
  }
  const remedy = search.hideSuggestions ? '' : `. Its fields are ${Object.keys(known).join(', ')}`;
  for (const { name, node } of fields)
    if (!Object.hasOwn(known, name))
      yield { ...mistake(`type "${String(type)}" has no field "${shorten(name)}"${remedy}`), node };
}

function placeOf(path: Path): string {
  let text = '';
  for (let step = path; step; step = step.prev) {
    const key = typeof step.key === 'number' ? `[${step.key}]` : `${step.prev ? '.' : ''}${step.key}`;
    text = key + text;
  }
  return text && ` at "${text}"`;
}

function wordsFor(type: GraphQLLeafType, hideSuggestions: boolean): string {
  const values = isEnumType(type) && !hideSuggestions ? type.getValues().map(({ name }) => name) : [];
  if (values.length > 0) return `a value of the enum "${type.name}": ${values.join(', ')}`;
  return scalarWords[type.name] ?? `a value of type "${String(type)}"`;
}

/** What the scalars of the schema accept. */
const scalarWords: Readonly<Record<string, string | undefined>> = {
  Int: 'an Int, a whole number from -2147483648 to 2147483647',
  String: 'a String',
  Boolean: 'a Boolean, true or false',
  ID: 'an ID, a string or a whole number',
  DateTime: 'a DateTime, an RFC 3339 time with its zone, such as "2018-12-18T05:43:12Z"',
  UUID: 'a UUID, such as "17975e9d-1533-40db-bd02-2072cd2ccb7f"',
  JSONObject: 'a JSONObject, an object of any keys',
};
