import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

/** A document of one operation, and its variables. */
export interface RandomQuery {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** What a random query may hold beyond what the schema says. */
export interface RandomQueryOptions {
  readonly depth: number;
  /** Values of arguments by the name of their type, in place of made-up ones. */
  readonly values?: Readonly<Record<string, readonly unknown[]>>;
  /** Fields that are never asked for. */
  readonly without?: readonly string[];
}

/**
 * Queries over a schema: aliases, fields asked for twice, inline and named fragments, `@include` and `@skip`, arguments
 * written out, as variables, by default, or left out. Not every one is valid: fields of one alias may not go together.
 */
export function randomQuery(schema: GraphQLSchema, options: RandomQueryOptions): fc.Arbitrary<RandomQuery> {
  const root = schema.getQueryType();
  if (!root) throw new Error('the schema has no queries');
  return fc.infiniteStream(fc.nat({ max: 2 ** 31 - 1 })).map((numbers) => write(schema, root, options, numbers));
}

function write(
  schema: GraphQLSchema,
  root: GraphQLNamedOutputType,
  { depth, values = {}, without = [] }: RandomQueryOptions,
  numbers: IterableIterator<number>,
): RandomQuery {
  const below = (count: number): number => (numbers.next().value ?? 0) % count;
  const oneOf = <Value>(list: readonly Value[]): Value => list[below(list.length)] as Value;
  const isLucky = (inHowMany: number): boolean => below(inHowMany) === 0;
  const variables: Record<string, unknown> = {};
  const declared: string[] = [];
  const fragments: string[] = [];

  function selection(type: GraphQLNamedOutputType, levels: number): string {
    if (!isObjectType(type) && !isInterfaceType(type)) return '';
    const parts = Array.from({ length: 1 + below(5) }, () => part(type, levels));
    return `{ __typename ${parts.join(' ')} }`;
  }

  function part(type: GraphQLNamedOutputType, levels: number): string {
    if (!isObjectType(type) && !isInterfaceType(type)) return '';
    const kind = below(8);
    if (kind > 1 || levels <= 0) return field(type, levels);
    const possible = isInterfaceType(type) ? schema.getPossibleTypes(type) : [type];
    const condition = oneOf([type, ...possible]);
    const body = selection(condition, levels - 1);
    if (kind === 0)
      return `... ${isLucky(3) && condition === type ? '' : `on ${condition.name}`} ${directives()} ${body}`;
    const name = `F${fragments.length}`;
    // Its place is taken before what it holds takes one.
    fragments.push(`fragment ${name} on ${condition.name} ${body}`);
    return `...${name} ${directives()} ${isLucky(4) ? `...${name}` : ''}`;
  }

  function field(type: GraphQLNamedOutputType, levels: number): string {
    if (!isObjectType(type) && !isInterfaceType(type)) return '';
    const fields = Object.values(type.getFields()).filter(
      ({ name, type: of }) => !without.includes(name) && (levels > 0 || isLeafType(getNamedType(of))),
    );
    if (fields.length === 0) return '__typename';
    const chosen = oneOf(fields);
    const alias = isLucky(3) ? `${oneOf(['a', 'b', 'c'])}${below(4)}: ` : '';
    return `${alias}${chosen.name}${args(chosen)} ${directives()} ${selection(getNamedType(chosen.type), levels - 1)}`;
  }

  function args({ args: known }: GraphQLField<unknown, unknown>): string {
    const given = known.filter((argument) => isRequiredArgument(argument) || isLucky(2)).map(argument);
    return given.length === 0 ? '' : `(${given.join(', ')})`;
  }

  function argument({ name, type }: GraphQLArgument): string {
    const value = valueFor(type);
    if (isLucky(2)) return `${name}: ${literal(value, type)}`;
    const variable = `v${declared.length}`;
    const byDefault = isLucky(3) ? ` = ${literal(value, type)}` : '';
    // Validation lets a nullable variable with a default stand where null is not allowed.
    const isNull = byDefault !== '' && isNonNullType(type) && isLucky(3);
    declared.push(`$${variable}: ${String(isNull ? type.ofType : type)}${byDefault}`);
    if (isNull) variables[variable] = null;
    else if (byDefault === '' || isLucky(2)) variables[variable] = value;
    return `${name}: $${variable}`;
  }

  function directives(): string {
    if (!isLucky(5)) return '';
    const condition = isLucky(2);
    const directive = isLucky(2) ? '@include' : '@skip';
    if (isLucky(2)) return `${directive}(if: ${condition})`;
    const variable = `v${declared.length}`;
    const isNull = isLucky(8);
    declared.push(`$${variable}: ${isNull ? 'Boolean = true' : `Boolean!${isLucky(2) ? ' = true' : ''}`}`);
    if (isNull) variables[variable] = null;
    else if (!declared.at(-1)?.endsWith('= true') || isLucky(2)) variables[variable] = condition;
    return `${directive}(if: $${variable})`;
  }

  function valueFor(type: GraphQLInputType): unknown {
    if (isNonNullType(type)) return valueFor(type.ofType);
    if (isListType(type)) return Array.from({ length: below(3) }, () => valueFor(type.ofType));
    const known = values[type.name];
    if (known) return oneOf(known);
    if (isEnumType(type)) return oneOf(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((of) => isNonNullType(of.type) || isLucky(4));
      return Object.fromEntries(fields.map(({ name, type: of }) => [name, valueFor(of)]));
    }
    if (type.name === 'Int') return below(20);
    if (type.name === 'Boolean') return isLucky(2);
    if (type.name === 'JSONObject') return { key: 'value' };
    return oneOf(['a', 'b', '']);
  }

  function literal(value: unknown, type: GraphQLInputType): string {
    if (isNonNullType(type)) return literal(value, type.ofType);
    if (isListType(type)) return `[${(value as unknown[]).map((entry) => literal(entry, type.ofType)).join(', ')}]`;
    if (isEnumType(type)) return String(value);
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const members = Object.entries(value).map(([name, member]) => {
      const known = isInputObjectType(type) ? type.getFields()[name]?.type : undefined;
      return `${name}: ${known ? literal(member, known) : JSON.stringify(member)}`;
    });
    return `{ ${members.join(', ')} }`;
  }

  const body = selection(root, depth);
  const head = `query Random${declared.length > 0 ? `(${declared.join(', ')})` : ''}`;
  return { query: [`${head} ${body}`, ...fragments].join('\n'), variables };
}
