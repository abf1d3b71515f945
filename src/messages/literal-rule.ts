import {
  type ArgumentNode,
  GraphQLError,
  isEnumType,
  Kind,
  replaceVariables,
  type ValidationContext,
  type ValidationRule,
  type ValueNode,
} from 'graphql';
import { type InputReader, mistakesIn } from './input-mistake.ts';
import { shorten } from './shorten.ts';

/**
 * Refuses literals that do not fit their types, as GraphQL's `ValuesOfCorrectTypeRule` does. That one prints each wrong
 * literal, which may be a secret and as long as the document.
 */
export const LiteralsOfCorrectTypeRule: ValidationRule = (context) => {
  function check(literal: ValueNode, subject: string): void {
    const type = context.getInputType();
    // An unknown argument or type is another rule's to refuse.
    if (!type) return;
    const { hideSuggestions } = context;
    for (const { place, problem, node } of mistakesIn({ reader: literalReader, hideSuggestions }, literal, type))
      context.reportError(new GraphQLError(`${subject} is invalid${place}: ${problem}.`, { nodes: node }));
  }

  return {
    Argument(node) {
      check(node.value, describe(context, node));
      return false;
    },
    VariableDefinition({ variable, defaultValue }) {
      if (defaultValue) check(defaultValue, `The default value of variable "$${shorten(variable.name.value)}"`);
    },
  };
};

/** Of an argument that is known: its name and the rest come from the schema. */
function describe(context: ValidationContext, { name }: ArgumentNode): string {
  const directive = context.getDirective();
  const owner = directive
    ? `directive "${String(directive)}"`
    : `field "${String(context.getParentType())}.${context.getFieldDef()?.name}"`;
  return `Argument "${name.value}" of ${owner}`;
}

const literalReader: InputReader<ValueNode> = {
  isVariable: ({ kind }) => kind === Kind.VARIABLE,
  isNull: ({ kind }) => kind === Kind.NULL,
  itemsOf: (literal) => (literal.kind === Kind.LIST ? literal.values : null),
  fieldsOf: (literal) =>
    literal.kind === Kind.OBJECT
      ? literal.fields.map((node) => ({ name: node.name.value, value: node.value, node }))
      : null,
  fits(literal, type) {
    if (isEnumType(type)) return literal.kind === Kind.ENUM && type.getValue(literal.value) !== undefined;
    try {
      const value = type.coerceInputLiteral
        ? type.coerceInputLiteral(replaceVariables(literal))
        : type.parseLiteral(literal, undefined);
      return value !== undefined;
    } catch (error) {
      // Brackets deeper than the stack are another mistake, and refused as such.
      if (error instanceof RangeError) throw error;
      return false;
    }
  },
  nodeOf: (literal) => literal,
};
