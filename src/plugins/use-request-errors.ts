import { GraphQLError, Source, type ValidationRule, ValuesOfCorrectTypeRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { LiteralsOfCorrectTypeRule } from '../messages/literal-rule.ts';
import { dropText } from '../messages/location.ts';

/**
 * Keeps texts and literals of a document out of the errors that refuse it: graphql-js repeats them, and they may be
 * secrets. This plugin wraps what earlier plugins have set for parsing and validation.
 */
export function useRequestErrors(): Plugin<Context> {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((text, options) => {
        const source = typeof text === 'string' ? new Source(text) : text;
        try {
          const document = parseFn(source, options);
          dropText(source);
          return document;
        } catch (error) {
          throw error instanceof GraphQLError && error.message.startsWith(prefix) ? withoutText(error) : error;
        }
      });
    },
    onValidate({ validateFn, setValidationFn }) {
      setValidationFn((schema, document, rules, ...rest) =>
        validateFn(
          schema,
          document,
          rules?.map((rule: ValidationRule) => (rule === ValuesOfCorrectTypeRule ? LiteralsOfCorrectTypeRule : rule)),
          ...rest,
        ),
      );
    },
  };
}

const prefix = 'Syntax Error: ';

/** What was expected and the kind of token that was found, or what is wrong within a token. */
const known =
  /^(?:(?:Expected (?:"[^"]{1,20}"|[a-zA-Z]{1,20}), found|Unexpected) (?:"[^"]{1,3}"|<EOF>|[a-zA-Z]{1,20}(?: quote character)?)|Unterminated string|Invalid [a-zA-Z ]{1,40})/;

/** A syntax error without the text of the token that was found. */
function withoutText({ message, source, positions }: GraphQLError): GraphQLError {
  const [problem = 'The document is not GraphQL from here on'] = known.exec(message.slice(prefix.length, 100)) ?? [];
  return new GraphQLError(`${prefix}${problem}.`, { source, positions });
}
