import { NoSchemaIntrospectionCustomRule, validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Lets clients read the schema; or refuses it, and then does not give it away in "did you mean" either. */
export function useIntrospection(allowed: boolean): Plugin {
  if (allowed) return {};
  return {
    onValidate({ addValidationRule, setValidationFn }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
      setValidationFn((schema, document, rules, options) =>
        validate(schema, document, rules, { ...options, hideSuggestions: true }),
      );
    },
    onExecute: ({ args }) => hideSuggestions(args),
    onSubscribe: ({ args }) => hideSuggestions(args),
  };
}

function hideSuggestions(args: object): void {
  Object.assign(args, { hideSuggestions: true });
}
