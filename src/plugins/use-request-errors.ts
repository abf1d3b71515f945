import { GraphQLError, Source, type ValidationRule, ValuesOfCorrectTypeRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { LiteralsOfCorrectTypeRule } from './literal-rule.ts';
import { dropText } from './location.ts';

/**
 * Keeps what a document holds out of the errors that refuse it: graphql-js repeats texts and literals, which may be
 * secrets. Comes after the plugins that set how documents are parsed and validated.
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

/** What was expected, and the kind of token that was found. */
const known =
  /^(?:(?:Expected (?:"[^"]{1,20}"|[a-zA-Z]{1,20}), found|Unexpected) (?:"[^"]{1,3}"|<EOF>|[a-zA-Z]{1,20}(?: quote character)?)|Unterminated string|Invalid [a-zA-Z ]{1,40})/;

/** A syntax error says which token was found, with its text: only its kind is kept, and where it is. */
function withoutText({ message, source, positions }: GraphQLError): GraphQLError {
  const [problem = 'The document is not GraphQL from here on'] = known.exec(message.slice(prefix.length, 100)) ?? [];
  return new GraphQLError(`${prefix}${problem}.`, { source, positions });
}
