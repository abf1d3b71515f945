import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  print,
} from 'graphql';

/** The schema as a page: every type with its fields, arguments and what they mean, each name a link to its type. */
export function schemaReference(schema: GraphQLSchema): string {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const byKind: Record<string, GraphQLNamedType[]> = {
    'What can be asked': roots.filter((type) => type != null),
    Objects: types.filter((type) => (isObjectType(type) && !roots.includes(type)) || isInterfaceType(type)),
    Inputs: types.filter(isInputObjectType),
    Enums: types.filter(isEnumType),
    Scalars: types.filter(isScalarType),
  };
  const sections = Object.entries(byKind).map(
    ([title, members]) => `## ${title}\n\n${members.map(describe).join('\n')}`,
  );
  return `${head}\n${sections.join('\n')}`;
}

const head = `# Schema

Made by \`npm run docs\` from [schema.graphql](../schema/schema.graphql). \`!\` means never null; an input with a
default may be left out all the same. A field without \`!\` is null, with an error, where it alone could not be read.
`;

function describe(type: GraphQLNamedType): string {
  return [`### ${type.name}`, '', textOf(type.description), '', ...tableOf(type)].join('\n');
}

function tableOf(type: GraphQLNamedType): string[] {
  if (isEnumType(type))
    return table(
      'value',
      type.getValues().map(({ name, description }) => [`\`${name}\``, textOf(description)]),
    );
  if (isScalarType(type)) return [];
  const fields: (GraphQLField<unknown, unknown> | GraphQLInputField)[] =
    isObjectType(type) || isInterfaceType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : [];
  return table('field', fields.flatMap(rowsOf));
}

function rowsOf(field: GraphQLField<unknown, unknown> | GraphQLInputField): string[][] {
  const args = 'args' in field ? field.args : [];
  return [
    [`\`${field.name}\`: ${linked(String(field.type))}${defaultOf(field)}`, textOf(field.description)],
    ...args.map((argument) => [
      `&nbsp;&nbsp;(\`${argument.name}\`: ${linked(String(argument.type))}${defaultOf(argument)})`,
      textOf(argument.description),
    ]),
  ];
}

/** The default of an argument or input field, such as ` = ASC`; empty if it has none. */
function defaultOf(input: GraphQLField<unknown, unknown> | GraphQLInputField | GraphQLArgument): string {
  const literal = 'default' in input ? input.default?.literal : undefined;
  return literal ? ` = ${print(literal)}` : '';
}

function table(title: string, rows: readonly string[][]): string[] {
  return [`| ${title} | |`, '| --- | --- |', ...rows.map((cells) => `| ${cells.join(' | ')} |`), ''];
}

/** A type with the name in it as a link, but for those that GraphQL has itself. */
function linked(type: string): string {
  return type.replace(/\w+/, (name) =>
    /^(ID|Int|Float|String|Boolean)$/.test(name) ? name : `[${name}](#${name.toLowerCase()})`,
  );
}

function textOf(description: string | null | undefined): string {
  return (description ?? '').replaceAll(/\s+/g, ' ').replaceAll('|', String.raw`\|`);
}
